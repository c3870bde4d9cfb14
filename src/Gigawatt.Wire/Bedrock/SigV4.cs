using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gigawatt.Wire.Bedrock;

/// <summary>AWS Signature Version 4, in the header <c>Authorization</c>.</summary>
/// <remarks>docs.aws.amazon.com, "Create a signed AWS API request". The path is encoded once more than it is sent, as all services
/// but S3 want it.</remarks>
public static class SigV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The time as the header <c>x-amz-date</c> and the signature have it.</summary>
    public static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <param name="accessKey">The public part of the key.</param>
    /// <param name="secretKey">The secret part of the key.</param>
    /// <param name="scope">The region and the service, such as <c>us-east-1/bedrock</c>.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path as it is sent.</param>
    /// <param name="query">The query's pairs, not escaped.</param>
    /// <param name="headers">The headers to sign, <c>host</c> and <c>x-amz-date</c> among them, sorted by their names in lower case.</param>
    /// <param name="body">The body.</param>
    public static string Authorization(
        string accessKey,
        string secretKey,
        string scope,
        string method,
        string path,
        IReadOnlyList<KeyValuePair<string, string>> query,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        ReadOnlySpan<byte> body)
    {
        string date = headers.First(static header => header.Key == "x-amz-date").Value;
        string signed = string.Join(';', headers.Select(static header => header.Key));
        StringBuilder canonical = new(512);
        canonical.Append(method).Append('\n').Append(Encode(path, keepSlash: true)).Append('\n');
        canonical.AppendJoin('&', query.Select(static pair => (Name: Encode(pair.Key), Value: Encode(pair.Value)))
            .OrderBy(static pair => pair.Name, StringComparer.Ordinal).ThenBy(static pair => pair.Value, StringComparer.Ordinal)
            .Select(static pair => $"{pair.Name}={pair.Value}")).Append('\n');
        foreach ((string name, string value) in headers) { canonical.Append(name).Append(':').Append(Trim(value)).Append('\n'); }
        canonical.Append('\n').Append(signed).Append('\n').Append(Hex(SHA256.HashData(body)));

        string credential = $"{date[..8]}/{scope}/aws4_request";
        string toSign = $"{Algorithm}\n{date}\n{credential}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (string part in credential.Split('/')) { key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)); }
        string signature = Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        return $"{Algorithm} Credential={accessKey}/{credential}, SignedHeaders={signed}, Signature={signature}";
    }

    // Spaces around a value are dropped, and those within it become one.
    private static string Trim(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Encode(string text, bool keepSlash = false)
    {
        StringBuilder encoded = new(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~' || (keepSlash && b == (byte)'/')) { encoded.Append((char)b); }
            else { encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture)); }
        }

        return encoded.ToString();
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
