using System.Net;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration;

/// <summary>Ranges of addresses as people write them: <c>10.0.0.0/8</c>, or one address.</summary>
public static class AddressRanges
{
    /// <summary>Reads one.</summary>
    /// <returns>Null when it could, else what is wrong and what to write.</returns>
    public static string? Read(string text, out IPNetwork range)
    {
        text = text.Trim();
        bool one = IPAddress.TryParse(text, out IPAddress? address);
        range = one ? new IPNetwork(address!, address!.GetAddressBytes().Length * 8) : default;
        if (one || (IPNetwork.TryParse(text, out range) && IPAddress.TryParse(text.Split('/')[0], out address) && address.Equals(range.BaseAddress))) { return null; }
        string hint = TryMask(text, out IPNetwork meant) ? $"; did you mean {meant}?" : "; write one such as 10.0.0.0/8, 192.168.7.4 or 2001:db8::/32";
        return $"{Numbers.Quote(text)} is not a range of addresses{hint}";
    }

    internal static IReadOnlyList<IPNetwork> Read(MapReader map, string field, Problems problems)
    {
        var ranges = new List<IPNetwork>();
        foreach (TextNode item in map.TextNodes(field, "10.0.0.0/8"))
        {
            if (Read(item.Text, out IPNetwork range) is { } wrong) { problems.Add(item, $"{field}: {wrong}"); }
            else { ranges.Add(range); }
        }

        return ranges;
    }

    // 10.1.2.3/8 has bits outside of its prefix; whoever writes it means 10.0.0.0/8, or the one address.
    private static bool TryMask(string text, out IPNetwork meant)
    {
        meant = default;
        string[] parts = text.Split('/');
        if (parts.Length != 2 || !IPAddress.TryParse(parts[0], out IPAddress? address) || !int.TryParse(parts[1], out int bits)) { return false; }
        byte[] bytes = address.GetAddressBytes();
        if (bits < 0 || bits > bytes.Length * 8) { return false; }
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(bits - i * 8, 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        meant = new(new IPAddress(bytes), bits);
        return true;
    }
}
