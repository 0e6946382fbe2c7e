"""Whatever is sent, nothing falls over."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge.test_bad_input import PLACEHOLDER
from tests.edge.world import make_world, routes

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
WRITING = [route.name for route in routes(PLACEHOLDER) if route.sent is not None]


@pytest.mark.parametrize("name", WRITING)
def test_no_body_makes_it_fall_over(client, session, name):
    world = make_world(session)
    route = next(route for route in routes(world.ids) if route.name == name)
    path = f"/v1{route.path.format(**world.ids)}"

    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.dictionaries(st.sampled_from([*route.body, "other"]), ANY), st.booleans())
    def send(changed, whole):
        body = route.body | changed if whole else changed
        headers = {
            "Authorization": f"Bearer {world.key}",
            "If-Match": '"1-x"',
            "Content-Type": "application/json",
        }
        data = json.dumps(body).encode("utf-8", "surrogatepass")
        if route.keyed:
            headers["Idempotency-Key"] = "fuzz-fuzz-fuzz-fuzz"
        answer = client.open(path, method=route.method, data=data, headers=headers)
        session.rollback()
        assert answer.status_code < 500 or answer.status_code == 503, (body, answer.text)

    send()
