using System.Runtime.CompilerServices;
using System.Text;

namespace Gigawatt.Wire;

/// <summary>Model names as strings, shared: a server meets the same few names in every request and need not make them anew.</summary>
/// <remarks>A fixed number of places, each holding the name that was last put there. A reader sees a whole entry or none, so
/// there is no lock; two names that fall into one place cost an allocation each time and nothing else.</remarks>
internal static class ModelNames
{
    private const int Places = 512;
    private const int LengthMax = RequestReader.ModelNameLimit;

    private static readonly Entry?[] Table = new Entry?[Places];

    /// <summary>The string of these bytes, which are JSON text without escapes.</summary>
    /// <exception cref="InvalidOperationException">They are not UTF-8.</exception>
    internal static string Of(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > LengthMax) { return Decode(name); }
        uint hash = 2166136261;
        foreach (byte b in name) { hash = (hash ^ b) * 16777619; } // FNV-1a
        ref Entry? place = ref Table[hash % Places];
        Entry? entry = Volatile.Read(ref place);
        if (entry is not null && name.SequenceEqual(entry.Bytes)) { return entry.Text; }
        entry = new(name.ToArray(), Decode(name));
        Volatile.Write(ref place, entry);
        return entry.Text;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Decode(ReadOnlySpan<byte> name)
    {
        try { return Strict.GetString(name); }
        catch (DecoderFallbackException e) { throw new InvalidOperationException("The name is not UTF-8.", e); }
    }

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private sealed record Entry(byte[] Bytes, string Text);
}
