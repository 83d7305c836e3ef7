"""Drives the web pages in Chromium, by the WebDriver protocol (W3C), and takes pictures of them.

drive.py URL PASSWORD PICTURES DIALLED LOG
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=640,480",
]


class Browser:
    """A browser of this process alone."""

    def __init__(self):
        self.profile = tempfile.mkdtemp()
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.driver.stdout:
            found = re.search(r"successfully on port (\d+)", line)
            if found:
                self.root = f"http://127.0.0.1:{found.group(1)}"
                break
        options = {"binary": "/usr/bin/chromium", "args": FLAGS + [f"--user-data-dir={self.profile}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self.root += "/session/" + self.ask("POST", "/session", wanted)["sessionId"]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.read().decode()}") from error

    def close(self):
        try:
            self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def find(self, selector):
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def type(self, field, text):
        self.ask("POST", f"/element/{self.find(f'[name={field}]')}/value", {"text": text})

    def click(self, selector):
        """Clicks on what leads to another page, and waits until that is there."""
        page = self.find("html")
        self.ask("POST", f"/element/{self.find(selector)}/click", {})
        until = time.monotonic() + 30
        while self.shows(page) or self.script("return document.readyState") != "complete":
            if time.monotonic() > until:
                raise SystemExit(f"{selector} leads nowhere")
            time.sleep(0.02)

    def shows(self, element):
        """Whether an element is still on the page: one of the page before is stale."""
        try:
            with urllib.request.urlopen(f"{self.root}/element/{element}/name", timeout=60):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return False

    def text(self):
        return self.ask("GET", f"/element/{self.find('body')}/text")

    def script(self, text):
        return self.ask("POST", "/execute/sync", {"script": text, "args": []})

    def picture(self, name):
        """The window, 640 points wide, as high as the page."""
        # A page is at least as high as its window, whose height may be left over from a longer page.
        self.ask("POST", "/window/rect", {"width": 640, "height": 480})
        height = self.script(
            "return document.documentElement.scrollHeight + window.outerHeight - window.innerHeight"
        )
        self.ask("POST", "/window/rect", {"width": 640, "height": max(480, min(height, 2400))})
        with open(name, "wb") as file:
            file.write(base64.b64decode(self.ask("GET", "/screenshot")))


def expect(text, *parts):
    for part in parts:
        if part not in text:
            raise SystemExit(f"{part!r} is not in:\n{text}")


def sign_up(browser, url, pictures):
    browser.open(url)
    expect(browser.text(), "Messenger on this network", "Your computer: 127.0.0.1")
    browser.picture(os.path.join(pictures, "home.png"))
    browser.click("a[href=sign-up]")
    browser.type("handle", "alice")
    browser.type("name", "Alice Müller Ж")
    browser.type("password", "secret")
    browser.type("again", "other")
    browser.click("input[type=submit]")
    expect(browser.text(), "The two passwords are not the same.")
    browser.picture(os.path.join(pictures, "sign-up.png"))
    browser.type("password", "secret")
    browser.type("again", "secret")
    browser.click("input[type=submit]")
    expect(browser.text(), "Your account is alice@hotmail.com.")
    browser.open(url + "sign-up")
    for field, text in [("handle", "alice"), ("password", "secret"), ("again", "secret")]:
        browser.type(field, text)
    browser.click("input[type=submit]")
    expect(browser.text(), "An account with that name exists already.")
    browser.open(url + "name")
    for field, text in [("handle", "alice"), ("password", "secret"), ("name", "<B>Alice</B> & Ж")]:
        browser.type(field, text)
    browser.click("input[type=submit]")
    expect(browser.text(), "You are now called <B>Alice</B> & Ж.")


def set_up(browser, url, pictures, dialled):
    browser.open(url + "set-up")
    expect(browser.text(), "Your computer is 127.0.0.1", "gaim", "Miranda", "aMSN")
    browser.picture(os.path.join(pictures, "set-up.png"))
    # Linux has no registry; with a Windows 98 browser, the same page offers the file.
    agent = {"User-Agent": "Mozilla/4.0 (compatible; MSIE 5.0; Windows 98)"}
    with urllib.request.urlopen(urllib.request.Request(url + "set-up", headers=agent)) as page:
        expect(page.read().decode(), "with Windows 98")
    if dialled:
        with urllib.request.urlopen(url + "messenger.reg") as file:
            expect(file.read().decode(), "REGEDIT4\r\n", '"Server"="127.0.0.1"\r\n')


def sign_in(log):
    """Signs alice in, as MSN Messenger 3.6 does. The connection keeps her there."""
    import hashlib
    import socket

    with open(log, encoding="utf-8") as text:
        place = re.search(r"listening on (\S+):(\d+) \(Notification Server\)", text.read())
    connection = socket.create_connection((place.group(1), int(place.group(2))))
    stream = connection.makefile("rwb")

    def ask(line):
        stream.write(line.encode() + b"\r\n")
        stream.flush()
        return stream.readline().decode().split()

    ask("VER 1 MSNP5 MSNP4 CVR0")
    ask("INF 2")
    challenge = ask("USR 3 MD5 I alice@hotmail.com")[-1]
    digest = hashlib.md5((challenge + "secret").encode()).hexdigest()
    if ask(f"USR 4 MD5 S {digest}")[2] != "OK":
        raise SystemExit("alice is refused")
    ask("CVR 5 0x0407 win 4.10 i386 MSMSGS 3.6.0038 MSMSGS")
    ask("CHG 6 NLN")
    return connection


def status(browser, url, password, pictures, log):
    # Chromium would ask for the password.
    try:
        urllib.request.urlopen(url + "status")
        raise SystemExit("the status page is open")
    except urllib.error.HTTPError as error:
        expect(f"{error.code} {error.read().decode()}", "401 ", "This page is for the administrator.")
    connection = sign_in(log)
    whole = url.replace("http://", f"http://admin:{password}@")
    browser.open(whole + "status")
    expect(browser.text(), "alice@hotmail.com NLN", "3.6.0038", "MSNP5", "127.0.0.1")
    width = browser.script("return document.images[0].naturalWidth")
    if width != 438:
        raise SystemExit(f"the picture of who was online is {width} wide")
    browser.picture(os.path.join(pictures, "status.png"))
    browser.open(url + "online")
    expect(browser.text(), "<B>Alice</B> & Ж", "alice@hotmail.com", "online")
    browser.picture(os.path.join(pictures, "online.png"))
    # The button that signs the user off.
    browser.open(whole + "status")
    browser.click("input[value='Sign off']")
    expect(browser.text(), "alice@hotmail.com had 1 connection, which ends now.")
    connection.close()


def main():
    url, password, pictures, dialled, log = sys.argv[1:]
    browser = Browser()
    try:
        sign_up(browser, url, pictures)
        set_up(browser, url, pictures, dialled == "1")
        status(browser, url, password, pictures, log)
    finally:
        browser.close()
    print("Chromium has signed up, set up and looked at the status")


main()
