#!/usr/bin/env bash
# Runs the tests of vectors as NEON's instructions, on x64 by qemu's emulator. Needs the .NET SDK; as root, installs the emulator
# and ARM's C library from Debian, and unpacks ARM's OpenSSL, which the test runner uses, into a temporary folder.
set -euo pipefail
cd "$(dirname "$0")"
libraries=/usr/aarch64-linux-gnu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
if ! command -v qemu-aarch64 >/dev/null || [ ! -e $libraries/lib/libstdc++.so.6 ]; then
  apt-get install -y --no-install-recommends qemu-user libc6-arm64-cross libstdc++6-arm64-cross
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet publish NeonTests -c Release -r linux-arm64 --self-contained -o "$out/tests" -v quiet
# With lists of its own, so that the system's stay for one architecture.
mkdir -p "$out/lists/partial" && chmod -R 755 "$out" && cd "$out"
arm=(-o Dir::State::Lists="$out/lists" -o APT::Architectures::=amd64 -o APT::Architectures::=arm64)
apt-get "${arm[@]}" -qq update
apt-get "${arm[@]}" -qq download libssl3:arm64
dpkg -x libssl3*.deb ssl
QEMU_LD_PREFIX=$libraries qemu-aarch64 -E LD_LIBRARY_PATH="$out/ssl/usr/lib/aarch64-linux-gnu" tests/Lamina.Torch.Tests
