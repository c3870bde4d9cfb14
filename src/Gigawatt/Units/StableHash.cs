namespace Gigawatt.Units;

/// <summary>A running 64-bit hash that is equal in every process and on every machine.</summary>
/// <remarks>Each word is folded with the multiply-and-rotate step of xxHash64 (Collet, xxHash specification,
/// section "XXH64"). It detects divergence; it does not resist an adversary.</remarks>
/// <param name="Value">The hash so far.</param>
public readonly record struct StableHash(ulong Value)
{
    private const ulong Prime1 = 11400714785074694791;
    private const ulong Prime2 = 14029467366897019727;
    private const ulong Prime4 = 9650029242287828579;

    /// <summary>The hash with one more word folded in.</summary>
    public StableHash Add(ulong word) =>
        new((ulong.RotateLeft(Value ^ (ulong.RotateLeft(word * Prime2, 31) * Prime1), 27) * Prime1) + Prime4);

    /// <summary>The hash with one more word folded in.</summary>
    public StableHash Add(long word) => Add(unchecked((ulong)word));

    /// <summary>The hash with a text folded in, its length first.</summary>
    public StableHash Add(ReadOnlySpan<char> text)
    {
        StableHash hash = Add((long)text.Length);
        foreach (char c in text) { hash = hash.Add((ulong)c); }
        return hash;
    }

    /// <summary>Sixteen hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
