#!/usr/bin/python3
"""Reads an event file with Debian's tools alone: python3-crcmod checks the framing, protobuf-compiler decodes the messages.

    apt-get install python3-crcmod protobuf-compiler
    LAMINA_GOLDENS=$PWD dotnet run --project ../.. -- --filter-method '*independent_reader*'   # writes events.bin
    /usr/bin/python3 read_events.py events.bin > events.txt

The schema below is typed from TensorBoard's published messages, apart from the one that the writer uses. Unknown fields
would show as bare numbers.
"""
import struct
import subprocess
import sys
import tempfile

import crcmod.predefined

SCHEMA = """
syntax = "proto3";
message HistogramProto {
  double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
  repeated double bucket_limit = 6 [packed = true]; repeated double bucket = 7 [packed = true];
}
message Summary {
  message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
  message Value {
    string node_name = 7; string tag = 1;
    oneof value {
      float simple_value = 2; bytes obsolete_old_style_histogram = 3; Image image = 4; HistogramProto histo = 5;
      bytes audio = 6; bytes tensor = 8;
    }
    bytes metadata = 9;
  }
  repeated Value value = 1;
}
message Event {
  double wall_time = 1; int64 step = 2;
  oneof what {
    string file_version = 3; bytes graph_def = 4; Summary summary = 5; bytes log_message = 6; bytes session_log = 7;
    bytes tagged_run_metadata = 8; bytes meta_graph_def = 9;
  }
  bytes source_metadata = 10;
}
"""

crc32c = crcmod.predefined.mkCrcFun("crc-32c")
assert crc32c(b"123456789") == 0xE3069283


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        head = data[at : at + 8]
        length, crc = struct.unpack_from("<QI", data, at)
        body = data[at + 12 : at + 12 + length]
        (body_crc,) = struct.unpack_from("<I", data, at + 12 + length)
        assert crc == masked(head), f"record at {at}: the length's checksum"
        assert body_crc == masked(body), f"record at {at}: the data's checksum"
        yield body
        at += 16 + length


with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/independent.proto", "w") as f:
        f.write(SCHEMA)
    for number, record in enumerate(records(open(sys.argv[1], "rb").read())):
        text = subprocess.run(
            ["protoc", "-I", folder, "--decode=Event", "independent.proto"], input=record, capture_output=True, check=True
        ).stdout.decode()
        print(f"record {number}, checksums right")
        print(text)
