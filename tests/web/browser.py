# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives a headless Chromium by the DevTools protocol over a pipe (--remote-debugging-pipe): messages are JSON, each
ended by a NUL; https://chromedevtools.github.io/devtools-protocol/."""
import base64, json, os, select, subprocess, time


class Browser:
    def __init__(self, program, folder, *options):
        to_read, to_write = os.pipe(), os.pipe()

        def child():
            os.dup2(to_read[0], 3)
            os.dup2(to_write[1], 4)

        for fd in (to_read[0], to_write[1]):
            os.set_inheritable(fd, True)
        self.process = subprocess.Popen(
            [program, "--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", "--ignore-certificate-errors", "--user-data-dir=" + folder, *options, "about:blank"],
            preexec_fn=child, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read[0])
        os.close(to_write[1])
        self.out, self.inp, self.buffer, self.number = to_read[1], to_write[0], b"", 0
        self.problems = []
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def message(self, seconds):
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.inp], [], [], left)[0]:
                return None
            data = os.read(self.inp, 1 << 20)
            if not data:
                raise RuntimeError("the browser has ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, params=None, seconds=60):
        self.number += 1
        number = self.number
        request = {"id": number, "method": method, "params": params or {}}
        if getattr(self, "session", None):
            request["sessionId"] = self.session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self.message(end - time.monotonic())
            if answer is None:
                break
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.note(answer)
        raise TimeoutError(method)

    def note(self, event):
        """Errors of scripts, and what the policy refused."""
        if event.get("method") == "Runtime.exceptionThrown":
            self.problems.append(event["params"]["exceptionDetails"].get("exception", {}).get("description", "exception"))
        if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["source"] in ("security", "violation"):
            self.problems.append(event["params"]["entry"]["text"])

    def open(self, url):
        self.call("Page.navigate", {"url": url})

    def run(self, expression):
        answer = self.call("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in answer:
            raise RuntimeError(expression + ": " + str(answer["exceptionDetails"].get("exception", {}).get("description")))
        return answer["result"].get("value")

    def wait(self, expression, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.run(expression):
                    return True
            except RuntimeError:
                pass
            time.sleep(0.1)
        return False

    def key(self, name, code=None, text=None):
        event = {"key": name, "code": code or name}
        if text:
            event["text"] = text
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowRight": 39, "ArrowDown": 40, "ArrowLeft": 37, "ArrowUp": 38}
        event["windowsVirtualKeyCode"] = codes.get(name, ord(name.upper()) if len(name) == 1 else 0)
        if name == "Enter":
            event["text"] = "\r"
        self.call("Input.dispatchKeyEvent", {"type": "keyDown", **event})
        self.call("Input.dispatchKeyEvent", {"type": "keyUp", **{k: v for k, v in event.items() if k != "text"}})

    def type(self, text):
        self.call("Input.insertText", {"text": text})

    def size(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})

    def picture(self, path):
        data = self.call("Page.captureScreenshot", {"format": "png"})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        try:
            self.session = None
            self.call("Browser.close", seconds=5)
        except (TimeoutError, RuntimeError, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
