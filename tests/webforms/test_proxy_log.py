"""The access log of the proxy that `deploy/` starts with: nothing in it opens anything or is somebody's."""

import re
from pathlib import Path

CONFIGURATION = (Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf").read_text("utf-8")
LEFT_OUT = re.compile("|".join(re.findall(r"~(\S+) 0;", CONFIGURATION)))


def test_the_line_has_neither_query_nor_referrer():
    """The platform's calls name the sender's openid in the query, and whoever opens a link sends it as a referrer."""
    (line,) = re.findall(r"log_format bole (.+?);", CONFIGURATION, re.DOTALL)
    logged = {"$remote_addr", "$time_local", "$request_method", "$uri", "$status", "$body_bytes_sent"}
    assert set(re.findall(r"\$\w+", line)) == logged | {"$request_time", "$http_user_agent"}
    assert re.findall(r"access_log \S+ (\w+) if=\$bole_log;", CONFIGURATION) == ["bole"]


def test_an_address_that_holds_a_token_is_left_out(app):
    secret = [rule.rule for rule in app.url_map.iter_rules() if "token" in rule.arguments]
    assert len(secret) > 3
    assert [rule for rule in secret if not LEFT_OUT.match(re.sub("<[^>]+>", "x", rule))] == []
    assert not LEFT_OUT.match("/chat/x") and not LEFT_OUT.match("/p/x") and not LEFT_OUT.match("/wechat/")
