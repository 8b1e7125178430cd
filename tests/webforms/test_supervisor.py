import os
import signal
import subprocess
import sys
from pathlib import Path

from waiting import wait_for

from webforms.supervisor import Child, Supervisor


def child(tmp_path: Path, name: str, code: str, *, last: bool = False) -> Child:
    return Child(name, [sys.executable, "-c", code], tmp_path / f"{name}.log", last=last)


def forever(tmp_path: Path, name: str, *, last: bool = False) -> Child:
    """Appends its name to `order` when it is told to stop."""
    code = (
        "import signal,sys,time\n"
        f"def end(*_):\n open({str(tmp_path / 'order')!r},'a').write({name!r}+'\\n'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM,end)\n"
        f"open({str(tmp_path / name)!r}+'.up','w').close()\n"
        "time.sleep(60)"
    )
    return child(tmp_path, name, code, last=last)


def test_what_dies_is_started_again_and_later_each_time(tmp_path: Path) -> None:
    said: list[str] = []
    boss = Supervisor(env=os.environ, say=said.append)
    dying = child(tmp_path, "dying", "raise SystemExit(3)")
    boss.start(dying)
    wait_for(lambda: boss.look() or len(said) >= 2)
    assert "code 3" in said[0]
    assert dying.failures >= 2
    boss.stop()


def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    boss = Supervisor(env=os.environ, say=lambda _: None)
    web = forever(tmp_path, "web")
    boss.start(web)
    assert web.process is not None
    first = web.process.pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: boss.look() or (web.process is not None and web.process.pid != first))
    boss.stop()


def test_a_child_is_spared_ctrl_c_and_shares_the_session_so_that_nice_counts(tmp_path: Path) -> None:
    boss = Supervisor(env=os.environ, say=lambda _: None)
    web = forever(tmp_path, "web")
    boss.start(web)
    assert web.process is not None
    assert os.getpgid(web.process.pid) == web.process.pid  # the terminal tells the group in front
    assert os.getsid(web.process.pid) == os.getsid(0)
    boss.stop()


def test_valkey_is_stopped_after_all_others(tmp_path: Path) -> None:
    boss = Supervisor(env=os.environ, say=lambda _: None)
    names = ("valkey", "web", "worker")
    for name in names:
        boss.start(forever(tmp_path, name, last=name == "valkey"))
    wait_for(lambda: all((tmp_path / f"{n}.up").exists() for n in names))
    boss.stop()
    assert (tmp_path / "order").read_text().split()[-1] == "valkey"
    assert all(c.process is None for c in boss.children)


def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    code = (
        "import os,sys,time\nfrom pathlib import Path\nfrom webforms.supervisor import Child,Supervisor\n"
        "s=Supervisor(env=os.environ,say=print)\n"
        f"c=Child('x',[sys.executable,'-c','import time;time.sleep(60)'],Path({str(tmp_path / 'x.log')!r}))\n"
        f"s.start(c)\nPath({str(tmp_path / 'pid')!r}).write_text(str(c.process.pid))\ntime.sleep(60)"
    )
    boss = subprocess.Popen([sys.executable, "-c", code])
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    orphan = int((tmp_path / "pid").read_text())
    boss.kill()
    boss.wait()
    wait_for(lambda: not _alive(orphan))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_runs_once_is_not_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    boss = Supervisor(env=os.environ, say=said.append)
    for name, code in (("good", "pass"), ("bad", "raise SystemExit(3)")):
        once = child(tmp_path, name, code)
        once.once = True
        boss.start(once)
    wait_for(lambda: boss.look() or not boss.children)
    assert [line.split(",")[0] for line in said] == ["bad ended (code 3)"]
    boss.stop()
