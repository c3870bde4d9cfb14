using System.Net;

namespace Gigawatt.Models;

/// <summary>From where an address can be reached, which decides whether a provider may be there.</summary>
public enum AddressReach
{
    /// <summary>From the internet.</summary>
    Public,

    /// <summary>From this machine only.</summary>
    Loopback,

    /// <summary>From one network link only; clouds keep their metadata, and with it credentials, at such addresses.</summary>
    LinkLocal,

    /// <summary>From a private network only, or it is no address of a single machine.</summary>
    Private,
}

/// <summary>Tells the reach of addresses.</summary>
public static class AddressReaches
{
    // IANA's registries of special-purpose addresses (RFC 6890 and its updates), as prefix, its length in bits, and what it means.
    private static readonly (byte[] Prefix, int Bits, AddressReach Reach)[] V4 =
    [
        ([0], 8, AddressReach.Private),
        ([10], 8, AddressReach.Private),
        ([100, 64], 10, AddressReach.Private), // shared by carriers; some clouds keep services there
        ([127], 8, AddressReach.Loopback),
        ([169, 254], 16, AddressReach.LinkLocal),
        ([172, 16], 12, AddressReach.Private),
        ([192, 0, 0], 24, AddressReach.Private),
        ([192, 168], 16, AddressReach.Private),
        ([198, 18], 15, AddressReach.Private),
        ([224], 3, AddressReach.Private), // multicast, reserved and broadcast
    ];

    private static readonly (byte[] Prefix, int Bits, AddressReach Reach)[] V6 =
    [
        ([0xfe, 0x80], 10, AddressReach.LinkLocal),
        ([0xfe, 0xc0], 10, AddressReach.Private),
        ([0xfc], 7, AddressReach.Private),
        ([0xff], 8, AddressReach.Private),
        ([0x00, 0x64, 0xff, 0x9b, 0x00, 0x01], 48, AddressReach.Private), // NAT64 of one network (RFC 8215)
        ([0x01, 0x00, 0, 0, 0, 0, 0, 0], 64, AddressReach.Private), // discarded (RFC 6666)
        ([0x20, 0x01, 0x00, 0x00], 32, AddressReach.Private), // Teredo (RFC 4380), which hides an IPv4 address
    ];

    /// <summary>The reach of an address; of one that carries an IPv4 address inside, that one's.</summary>
    public static AddressReach Of(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        if (bytes.Length == 4) { return Find(V4, bytes); }
        if (address.Equals(IPAddress.IPv6Loopback)) { return AddressReach.Loopback; }
        return Embedded(bytes) is { } inside ? Find(V4, inside) : Find(V6, bytes);
    }

    // Mapped (::ffff:0:0/96) and compatible (::/96) addresses, NAT64 (64:ff9b::/96) and 6to4 (2002::/16) end up at the IPv4 address they carry.
    private static byte[]? Embedded(byte[] bytes)
    {
        ReadOnlySpan<byte> start = bytes.AsSpan(0, 12);
        bool mapped = start.StartsWith(new byte[10]) && (start[10..].SequenceEqual((ReadOnlySpan<byte>)[0xff, 0xff]) || start[10..].SequenceEqual((ReadOnlySpan<byte>)[0, 0]));
        bool nat64 = start.SequenceEqual((ReadOnlySpan<byte>)[0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]);
        if (mapped || nat64) { return bytes[12..]; }
        return bytes[0] == 0x20 && bytes[1] == 0x02 ? bytes[2..6] : null;
    }

    private static AddressReach Find((byte[] Prefix, int Bits, AddressReach Reach)[] ranges, byte[] address)
    {
        foreach ((byte[] prefix, int bits, AddressReach reach) in ranges)
        {
            if (StartsWith(address, prefix, bits)) { return reach; }
        }

        return AddressReach.Public;
    }

    private static bool StartsWith(byte[] address, byte[] prefix, int bits)
    {
        for (int i = 0; i < prefix.Length; i++)
        {
            int mask = 0xff << Math.Max(0, 8 - (bits - i * 8)) & 0xff;
            if ((address[i] & mask) != (prefix[i] & mask)) { return false; }
        }

        return true;
    }
}
