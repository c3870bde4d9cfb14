using System.Security.Cryptography;
using System.Text;

namespace Gigawatt.Server.Identity;

/// <summary>API keys: <c>gw-</c> and 43 characters that hold 256 random bits.</summary>
internal static class ApiKey
{
    /// <summary>What every key begins with, so that people and secret scanners know one when they see it.</summary>
    public const string Prefix = "gw-";

    /// <summary>Bytes of a stored hash.</summary>
    public const int HashLength = 32;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // 62^43 > 2^256.
    private const int RandomCharacters = 43;
    private const int LengthMax = 128;

    /// <summary>A new key. It is shown once and kept nowhere.</summary>
    public static string Create() => Prefix + RandomNumberGenerator.GetString(Alphabet, RandomCharacters);

    /// <summary>A new public id, such as <c>key_8Fq2…</c>, which opens nothing.</summary>
    public static string CreateId() => "key_" + RandomNumberGenerator.GetString(Alphabet, 12);

    /// <summary>HMAC-SHA256 of the key under the server's secret; false for a text that cannot be a key.</summary>
    public static bool TryHash(ReadOnlySpan<byte> secret, ReadOnlySpan<char> key, Span<byte> hash)
    {
        if (key.Length is 0 or > LengthMax || !Ascii.IsValid(key)) { return false; }
        Span<byte> bytes = stackalloc byte[LengthMax];
        int length = Encoding.ASCII.GetBytes(key, bytes);
        HMACSHA256.HashData(secret, bytes[..length], hash);
        return true;
    }
}
