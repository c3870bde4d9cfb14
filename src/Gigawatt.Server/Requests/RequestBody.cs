using System.Buffers;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gigawatt.Server.Requests;

/// <summary>Reads a request's body whole into a pooled array.</summary>
internal static class RequestBody
{
    /// <summary>Anthropic's limit for messages, 32 MB.</summary>
    public const int LengthMax = 32 << 20;

    private const int FirstBuffer = 4 << 10;

    /// <summary>Reads the body.</summary>
    /// <returns>The array, to be returned to the shared pool, and the body's length in it; or an error and no array.</returns>
    public static async ValueTask<(byte[]? Buffer, int Length, ApiError? Error)> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!IsJson(http.Request.ContentType))
        {
            return (null, 0, new(ApiErrorKind.UnsupportedMediaType, "content-type: expected application/json."));
        }

        // The server's own limit is lower, would answer without the caller's format, and would not read on for a while behind a
        // refusal, so that a client that is still sending would see a reset connection instead of the reason.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) { limit.MaxRequestBodySize = null; }
        if (http.Request.ContentLength > LengthMax) { return (null, 0, TooLarge); }
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)(http.Request.ContentLength ?? FirstBuffer) + 1);
        try
        {
            int length = 0;
            while (true)
            {
                int read = await http.Request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0) { return (buffer, length, null); }
                length += read;
                if (length > LengthMax)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    return (null, 0, TooLarge);
                }

                if (length == buffer.Length) { buffer = Grow(buffer); }
            }
        }
        catch (BadHttpRequestException e)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return (null, 0, new(ApiErrorKind.InvalidRequest, $"The request body could not be read: {e.Message}"));
        }
    }

    private static ApiError TooLarge => new(ApiErrorKind.TooLarge, $"The request body is larger than {LengthMax >> 20} MiB.");

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static bool IsJson(ReadOnlySpan<char> contentType)
    {
        int parameters = contentType.IndexOf(';');
        return (parameters < 0 ? contentType : contentType[..parameters]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }
}
