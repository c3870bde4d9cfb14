namespace Gigawatt.Wire.Bedrock;

/// <summary>The checksum of gzip (ISO 3309), which AWS's event streams carry.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xffffffff;
        foreach (byte b in bytes) { crc = Table[(byte)crc ^ b] ^ (crc >> 8); }
        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) { value = (value & 1) == 0 ? value >> 1 : value >> 1 ^ 0xedb88320; }
            table[i] = value;
        }

        return table;
    }
}
