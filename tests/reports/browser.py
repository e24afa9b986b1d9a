"""A headless Chromium that tests steer over its own pipe: no driver, no package, no open port."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
#: Chromium's own calls home are off, so that what is left on the wire is the page's.
OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--metrics-recording-only", "--mute-audio",
    "--hide-scrollbars", "--font-render-hinting=none", "--remote-debugging-pipe",
]  # fmt: skip
DEADLINE = 60.0


def program() -> str:
    """Return the path of Chromium, "" where there is none."""
    return next((found for found in map(shutil.which, PROGRAMS) if found), "")


def _pipe() -> list:
    """Return a pipe whose numbers are none of those that Chromium looks at."""
    low = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low]
    for end in low:
        os.close(end)
    return high


class Browser:
    """One Chromium with one tab; a context manager."""

    def __enter__(self) -> Browser:
        self.folder = tempfile.mkdtemp(prefix="crime-hotspots-browser.")
        to_read, self._write = _pipe()
        self._read, to_write = _pipe()
        # Chromium reads commands from descriptor 3 and answers on 4
        command = ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write}', "bash", program(), *OPTIONS,
                   f"--user-data-dir={self.folder}", "about:blank"]  # fmt: skip
        self._log = open(Path(self.folder) / "log.txt", "wb")
        environment = {**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder, "XDG_CACHE_HOME": self.folder}
        self._process = subprocess.Popen(command, pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL,
                                         stdout=self._log, stderr=self._log, env=environment)  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._bytes, self._count, self._session = b"", 0, ""
        self.events: list = []
        try:
            tab = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
            attached = self.call("Target.attachToTarget", targetId=tab["targetId"], flatten=True)
            self._session = attached["sessionId"]
            for domain in ("Page", "Network", "Log", "Runtime"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: Any) -> None:
        os.close(self._write)  # Chromium ends when its pipe does
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- the protocol: JSON texts that end with a zero byte ------------------------------------
    def call(self, method: str, **parameters: Any) -> dict:
        """Send a command and return its answer; what happens meanwhile goes into ``events``."""
        self._count += 1
        message: dict = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data):]
        end = time.monotonic() + DEADLINE
        while True:
            answer = self._next(end)
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method: str) -> None:
        """Wait until an event has come."""
        end = time.monotonic() + DEADLINE
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._next(end))

    def _next(self, end: float) -> dict:
        while b"\0" not in self._bytes:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            part = os.read(self._read, 1 << 20) if ready else b""
            if not part:
                log = (Path(self.folder) / "log.txt").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"Chromium {'ended' if ready else 'does not answer'}: {log}")
            self._bytes += part
        text, _, self._bytes = self._bytes.partition(b"\0")
        return json.loads(text)

    # --- what tests ask for --------------------------------------------------------------------
    def open(self, path: Path) -> None:
        """Load a file, with all of its pictures."""
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.wait_for("Page.loadEventFired")

    def requests(self) -> list:
        """Return the addresses that the page asked for, itself included, pictures inside it left out."""
        sent = [event["params"] for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent if not each["request"]["url"].startswith("data:")]

    def complaints(self) -> list:
        """Return what Chromium had to say of the page: refused content, broken pictures, errors."""
        entries = [event["params"]["entry"] for event in self.events if event.get("method") == "Log.entryAdded"]
        return [entry["text"] for entry in entries if entry["level"] in ("warning", "error")]

    def media(self, kind: str = "screen", scheme: str = "light") -> None:
        """Show the page as on a screen or on paper, in light or dark colours."""
        self.call("Emulation.setEmulatedMedia", media=kind,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])  # fmt: skip

    def window(self, width: float, height: float = 800, phone: bool = False) -> None:
        """Set the size of the window in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=int(width), height=int(height), deviceScaleFactor=1,
                  mobile=phone)  # fmt: skip

    def run(self, script: str) -> Any:
        """Run a script in the page and return its value."""
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"].get("exception", {}).get("description", script[:200]))
        return done["result"].get("value")

    def pdf(self, path: Path, width: float, height: float) -> Path:
        """Print the page onto paper of a size in inches."""
        self.media("print", "dark")  # as a user prints whose screen is dark; the page's style sheet sets the margins
        done = self.call("Page.printToPDF", paperWidth=width, paperHeight=height, printBackground=True)
        path.write_bytes(base64.b64decode(done["data"]))
        return path
