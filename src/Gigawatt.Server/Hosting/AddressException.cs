namespace Gigawatt.Server.Hosting;

/// <summary>The server cannot listen where it was told to.</summary>
internal sealed class AddressException(string message, Exception inner) : Exception(message, inner);
