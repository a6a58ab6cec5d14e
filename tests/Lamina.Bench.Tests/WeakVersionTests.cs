using System.Buffers.Binary;
using System.Text;
using Lamina.Bench.Peers;

namespace Lamina.Bench.Tests;

public class WeakVersionTests
{
    private const int Header = 64;
    private const int Strings = 256;
    private const int Needs = 512;

    [Fact]
    public void OnlyTheNamedVersionIsMarked()
    {
        byte[] elf = File(out int[] flags);
        byte[] before = [.. elf];
        Assert.True(WeakVersion.Mark(elf, "LIB_2"));
        Assert.Equal(2, BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(flags[2])));
        elf[flags[2]] = 0;
        Assert.Equal(before, elf);
    }

    [Theory]
    [InlineData("LIB_")]
    [InlineData("LIB_22")]
    [InlineData("OTHER")]
    public void AVersionThatIsNotNeededIsNotFound(string version)
    {
        byte[] elf = File(out _);
        byte[] before = [.. elf];
        Assert.False(WeakVersion.Mark(elf, version));
        Assert.Equal(before, elf);
    }

    [Fact]
    public void WhatIsNoElfFileIsRefused() =>
        Assert.Throws<InvalidDataException>(() => WeakVersion.Mark("MZ not this one"u8.ToArray(), "LIB_2"));

    // A file for x86-64 that needs C_1 of one library, LIB_1 and LIB_2 of another.
    private static byte[] File(out int[] flags)
    {
        var elf = new byte[1024];
        "\u007fELF"u8.CopyTo(elf);
        Long(0x28, Header);
        Short(0x3a, Header);
        Short(0x3c, 3);
        // Section 1: the names; section 2: the needed versions, whose names are in section 1.
        Long(Header + 64 + 0x18, Strings);
        Int(Header + 128 + 4, 0x6ffffffe);
        Long(Header + 128 + 0x18, Needs);
        Int(Header + 128 + 0x28, 1);
        Encoding.ASCII.GetBytes("\0C_1\0LIB_1\0LIB_2\0").CopyTo(elf, Strings);
        Int(Needs + 8, 16);
        Int(Needs + 12, 32);
        Int(Needs + 16 + 8, 1);
        Int(Needs + 32 + 8, 16);
        Int(Needs + 48 + 8, 5);
        Int(Needs + 48 + 12, 16);
        Int(Needs + 64 + 8, 11);
        flags = [Needs + 16 + 4, Needs + 48 + 4, Needs + 64 + 4];
        return elf;

        void Short(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(at), value);
        void Int(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(elf.AsSpan(at), value);
        void Long(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(at), value);
    }
}
