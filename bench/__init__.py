"""What it costs: requests per second and CPU, as figures and as ratios. Never a timed test."""
