using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using Gigawatt.Admission;

namespace Gigawatt.Server.Identity;

/// <summary>Every key and whom it stands for, as an immutable snapshot: a lookup takes one HMAC and no lock.</summary>
internal sealed class KeyRing
{
    private readonly byte[] _secret;
    private readonly FrozenDictionary<UInt128, Entry> _byHashStart;

    public KeyRing(byte[] secret, IEnumerable<(byte[] Hash, Caller Caller)> keys)
    {
        _secret = secret;
        _byHashStart = keys.ToFrozenDictionary(k => Start(k.Hash), k => new Entry(k.Hash, k.Caller));
    }

    /// <summary>Keys in the snapshot, revoked ones included.</summary>
    public int Count => _byHashStart.Count;

    /// <summary>Everyone in the snapshot, in no particular order.</summary>
    public IEnumerable<Caller> Callers => _byHashStart.Values.Select(e => e.Caller);

    /// <summary>Whom the key stands for; null when it is not one of ours.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        if (!ApiKey.TryHash(_secret, key, hash)) { return null; }
        // The table is keyed by the first half of an HMAC, which nobody without the secret can aim at, so how long the lookup
        // takes says nothing about a key. The whole is compared in constant time nevertheless.
        return _byHashStart.TryGetValue(Start(hash), out Entry entry) && CryptographicOperations.FixedTimeEquals(entry.Hash, hash) ? entry.Caller : null;
    }

    private static UInt128 Start(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt128LittleEndian(hash);

    private readonly record struct Entry(byte[] Hash, Caller Caller);
}
