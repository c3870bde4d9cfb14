using System.IO.Compression;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>Request bodies that come compressed: they are read and sent on as they were before that.</summary>
internal static class BodyEncoding
{
    /// <summary>The body as it was before it was compressed. The header that says how it was goes, as it is true of these bytes no longer.</summary>
    /// <returns>An error where it is compressed in a way that is not known here.</returns>
    public static (Stream Body, ApiError? Error) Open(HttpContext http)
    {
        Stream body = http.Request.Body;
        if (http.Request.Headers.ContentEncoding.Count == 0) { return (body, null); }
        string encoding = http.Request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        http.Request.Headers.ContentEncoding = default;
        return encoding switch
        {
            "gzip" or "x-gzip" => (new GZipStream(body, CompressionMode.Decompress), null),
            "br" => (new BrotliStream(body, CompressionMode.Decompress), null),
            "deflate" => (new ZLibStream(body, CompressionMode.Decompress), null),
            "identity" or "" => (body, null),
            _ => (body, new(ApiErrorKind.UnsupportedMediaType, "content-encoding: expected gzip, br, deflate or none.") { Detail = "request_body_encoding_unsupported" }),
        };
    }

    /// <summary>Whether a failure to read means that the body is not what its header says.</summary>
    public static bool IsInvalid(Exception e, Stream body, HttpContext http) => body != http.Request.Body && e is (InvalidDataException or InvalidOperationException);

    /// <summary>The refusal of such a body.</summary>
    public static ApiError Invalid => new(ApiErrorKind.InvalidRequest, "The request body is not compressed as its content-encoding says.") { Detail = "request_body_encoding_invalid" };
}
