#!/bin/sh
# What the tests need from the system: Chromium, a CJK font, LibreOffice Calc, pdftoppm, Node.js with npm.
# Installed through apt where they are missing and it may; otherwise one clear line.
set -eu
missing=""
{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 || missing="$missing chromium"
command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-calc-nogui"
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"
command -v pdftoppm >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ] || missing="$missing fontconfig fonts-wqy-zenhei"
# Chromium without windows takes half the processor time for most tests; where there is none, the whole one does it.
quicker=chromium-headless-shell
command -v $quicker >/dev/null 2>&1 && quicker=""
[ -n "$missing$quicker" ] || exit 0
leave() { [ -n "$missing" ] || exit 0; echo "$1"; exit 1; }
say="the tests need these Debian packages:$missing"
command -v apt-get >/dev/null 2>&1 || leave "$say (install their like on this system, then make test again)"
if [ "$(id -u)" = 0 ]; then sudo=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo="sudo -n"
else leave "$say; run: sudo apt-get install$missing"; fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1; }
failed() {
  [ -z "$missing" ] || tail -n 20 "$log"
  leave "apt could not install them; run: apt-get install$missing"
}
run update || failed
apt-cache show ${quicker:-apt} >/dev/null 2>&1 || quicker=""
[ -n "$missing$quicker" ] || exit 0
echo "installing through apt:$missing $quicker …"
run install -y --no-install-recommends $missing $quicker || failed
