using System.Buffers;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gigawatt.Server.Requests;

/// <summary>Reads a request's body whole into a pooled array.</summary>
internal static class RequestBody
{
    /// <summary>Anthropic's limit for messages, 32 MB.</summary>
    public const int DefaultLengthMax = 32 << 20;

    // The body is held in one array.
    private const int ArrayLengthMax = 1 << 30;

    private const int FirstBuffer = 4 << 10;

    /// <summary>Reads the body, of at most <paramref name="lengthMax"/> bytes.</summary>
    /// <returns>The array, to be returned to the shared pool, and the body's length in it; or an error and no array.</returns>
    public static async ValueTask<(byte[]? Buffer, int Length, ApiError? Error)> ReadAsync(HttpContext http, long lengthMax, CancellationToken cancellationToken)
    {
        lengthMax = Math.Min(lengthMax, ArrayLengthMax);
        if (!IsJson(http.Request.ContentType))
        {
            return (null, 0, NotJson);
        }

        LiftServerLimit(http);
        if (http.Request.ContentLength > lengthMax) { return (null, 0, TooLarge(lengthMax)); }
        (Stream body, ApiError? unknown) = BodyEncoding.Open(http);
        if (unknown is not null) { return (null, 0, unknown); }
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)(http.Request.ContentLength ?? FirstBuffer) + 1);
        try
        {
            int length = 0;
            while (true)
            {
                int read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0) { return (buffer, length, null); }
                length += read;
                if (length > lengthMax)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    return (null, 0, body == http.Request.Body ? TooLarge(lengthMax) : TooLarge(lengthMax) with { Detail = "request_body_too_large_after_decoding" });
                }

                if (length == buffer.Length) { buffer = Grow(buffer); }
            }
        }
        catch (BadHttpRequestException e)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return (null, 0, Unreadable(e));
        }
        catch (Exception e) when (BodyEncoding.IsInvalid(e, body, http))
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return (null, 0, BodyEncoding.Invalid);
        }
    }

    /// <summary>The refusal of a body of another type.</summary>
    public static ApiError NotJson => new(ApiErrorKind.UnsupportedMediaType, "content-type: expected application/json.");

    /// <summary>Whether the content type is JSON.</summary>
    public static bool IsJson(HttpContext http) => IsJson(http.Request.ContentType);

    /// <summary>Takes the server's own limit away, which would answer without the caller's format.</summary>
    public static void LiftServerLimit(HttpContext http)
    {
        // Nor would it read on for a while behind a refusal, so that a client that is still sending would see a reset connection
        // instead of the reason.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) { limit.MaxRequestBodySize = null; }
    }

    /// <summary>The refusal of a body that is too long.</summary>
    public static ApiError TooLarge(long lengthMax) => new(ApiErrorKind.TooLarge,
        lengthMax % (1 << 20) == 0 ? $"The request body is larger than {lengthMax >> 20} MiB." : $"The request body is larger than {lengthMax} bytes.");

    /// <summary>The refusal of a body whose bytes do not come as HTTP has them.</summary>
    public static ApiError Unreadable(BadHttpRequestException e) =>
        new(e.StatusCode == StatusCodes.Status408RequestTimeout ? ApiErrorKind.RequestTimeout : ApiErrorKind.InvalidRequest, $"The request body could not be read: {e.Message}");

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
