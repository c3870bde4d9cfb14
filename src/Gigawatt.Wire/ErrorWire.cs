using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Errors as each dialect writes them; one table from kind to status, type and code.</summary>
public static class ErrorWire
{
    /// <summary>The HTTP status for an error of this kind.</summary>
    public static int Status(ApiErrorKind kind, Dialect dialect) => throw new NotImplementedException();

    /// <summary>The whole JSON body.</summary>
    public static byte[] Body(ApiError error, Dialect dialect, string requestId) => throw new NotImplementedException();

    /// <summary>The error as a last event of a stream whose head was already sent as 200.</summary>
    public static byte[] StreamEvent(ApiError error, Dialect dialect, string requestId) => throw new NotImplementedException();

    /// <summary>The value of the <c>x-should-retry</c> header, or null to leave the header out and the choice to the client.</summary>
    public static bool? ShouldRetry(ApiErrorKind kind) => throw new NotImplementedException();
}
