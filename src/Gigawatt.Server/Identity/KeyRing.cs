using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gigawatt.Admission;

namespace Gigawatt.Server.Identity;

/// <summary>Every secret and whom it stands for, as an immutable snapshot: a lookup takes one HMAC and no lock.</summary>
internal sealed class KeyRing
{
    // Keys that were looked up lately, in a table of fixed size in which a newer one takes the place of an older: an HMAC costs
    // more than everything else that admission does.
    private const int SeenMax = 4_096;

    private readonly byte[] _secret;
    private readonly FrozenDictionary<UInt128, Entry> _byHashStart;
    private readonly Seen?[] _seen = new Seen?[SeenMax];

    public KeyRing(byte[] secret, IEnumerable<(byte[] Hash, Caller Caller)> keys)
    {
        _secret = secret;
        _byHashStart = keys.ToFrozenDictionary(k => Start(k.Hash), k => new Entry(k.Hash, k.Caller));
    }

    /// <summary>Secrets in the snapshot, those of revoked keys included.</summary>
    public int Count => _byHashStart.Count;

    /// <summary>Everyone in the snapshot, in no particular order; once for each secret.</summary>
    public IEnumerable<Caller> Callers => _byHashStart.Values.Select(e => e.Caller);

    /// <summary>Whom the key stands for; null when it is not one of ours.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        // The hash is randomised for each process, so nobody can aim at a place; what is there is compared in constant time.
        ref Seen? place = ref _seen[(uint)string.GetHashCode(key) % SeenMax];
        if (Volatile.Read(ref place) is { } seen && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(key), MemoryMarshal.AsBytes(seen.Key.AsSpan())))
        {
            return seen.Caller;
        }

        Caller? caller = FindByHash(key);
        if (caller is not null) { Volatile.Write(ref place, new Seen(new string(key), caller)); }
        return caller;
    }

    private Caller? FindByHash(ReadOnlySpan<char> key)
    {
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        if (!ApiKey.TryHash(_secret, key, hash)) { return null; }
        // The table is keyed by the first half of an HMAC, which nobody without the secret can aim at, so how long the lookup
        // takes says nothing about a key. The whole is compared in constant time nevertheless.
        return _byHashStart.TryGetValue(Start(hash), out Entry entry) && CryptographicOperations.FixedTimeEquals(entry.Hash, hash) ? entry.Caller : null;
    }

    private static UInt128 Start(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt128LittleEndian(hash);

    private sealed record Seen(string Key, Caller Caller);

    private readonly record struct Entry(byte[] Hash, Caller Caller);
}
