"""What people see in a browser: the page to pay on, the page to onboard on."""
