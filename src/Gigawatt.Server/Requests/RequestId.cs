using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gigawatt.Server.Requests;

/// <summary>Ids of requests: unique, sorted by nothing, and no secret.</summary>
internal static class RequestId
{
    private const string Prefix = "req_";

    // 32 letters and digits, without those that are taken for others (Crockford's base 32).
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int LettersOfProcess = 16;
    private const int LettersOfCount = 8;

    // 80 random bits tell processes apart; asking for random bytes for every request would cost more than the rest of admission.
    private static readonly string Process = RandomNumberGenerator.GetString(Alphabet, LettersOfProcess);
    private static long _count = BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4));

    /// <summary>A new id, such as <c>req_</c> and 24 letters and digits.</summary>
    public static string Next() => string.Create(Prefix.Length + LettersOfProcess + LettersOfCount, Interlocked.Increment(ref _count), static (id, count) =>
    {
        Prefix.CopyTo(id);
        Process.CopyTo(id[Prefix.Length..]);
        for (int i = id.Length - 1; i >= Prefix.Length + LettersOfProcess; i--, count >>= 5) { id[i] = Alphabet[(int)(count & 31)]; }
    });
}
