using System.Buffers.Binary;
using System.Text;

namespace Lamina.Bench.Peers;

/// <summary>
/// Marks a version that an ELF file for x86-64 needs of another library as weak, so that the loader takes a library that
/// lacks it (Linux Standard Base, "Symbol Versioning"; System V ABI, ELF-64).
/// </summary>
public static class WeakVersion
{
    private const int SectionTableOffset = 0x28;
    private const int SectionSizeOffset = 0x3a;
    private const int SectionHeaderSize = 64;
    private const uint NeededVersions = 0x6ffffffe;
    private const ushort WeakFlag = 2;

    /// <summary>Changes the file's bytes.</summary>
    /// <param name="elf">The file.</param>
    /// <param name="version">The version's name, such as GLIBCXX_3.4.32.</param>
    /// <returns>Whether the file needed that version.</returns>
    public static bool Mark(Span<byte> elf, string version)
    {
        if (!elf.StartsWith("\x7f"u8) || elf[1..4] is not [(byte)'E', (byte)'L', (byte)'F'])
        {
            throw new InvalidDataException("This is no ELF file.");
        }
        long table = BinaryPrimitives.ReadInt64LittleEndian(elf[SectionTableOffset..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(elf[SectionSizeOffset..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[(SectionSizeOffset + 2)..]);
        for (int i = 0; i < count; i++)
        {
            Span<byte> header = elf.Slice((int)table + (i * size), SectionHeaderSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == NeededVersions)
            {
                int strings = BinaryPrimitives.ReadInt32LittleEndian(header[0x28..]);
                Span<byte> stringHeader = elf.Slice((int)table + (strings * size), SectionHeaderSize);
                return MarkIn(elf, Offset(header), Offset(stringHeader), version);
            }
        }
        return false;
    }

    private static int Offset(ReadOnlySpan<byte> header) =>
        checked((int)BinaryPrimitives.ReadInt64LittleEndian(header[0x18..]));

    // Elf64_Verneed {version, count: u16; file, aux, next: u32}, each with a chain of
    // Elf64_Vernaux {hash: u32; flags, other: u16; name, next: u32}; offsets count from the record itself.
    private static bool MarkIn(Span<byte> elf, int need, int strings, string version)
    {
        byte[] wanted = [.. Encoding.ASCII.GetBytes(version), 0];
        bool found = false;
        while (true)
        {
            int aux = need + BinaryPrimitives.ReadInt32LittleEndian(elf[(need + 8)..]);
            while (true)
            {
                int name = strings + BinaryPrimitives.ReadInt32LittleEndian(elf[(aux + 8)..]);
                if (elf[name..].StartsWith(wanted))
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(elf[(aux + 4)..], WeakFlag);
                    found = true;
                }
                int nextAux = BinaryPrimitives.ReadInt32LittleEndian(elf[(aux + 12)..]);
                if (nextAux == 0)
                {
                    break;
                }
                aux += nextAux;
            }
            int nextNeed = BinaryPrimitives.ReadInt32LittleEndian(elf[(need + 12)..]);
            if (nextNeed == 0)
            {
                return found;
            }
            need += nextNeed;
        }
    }
}
