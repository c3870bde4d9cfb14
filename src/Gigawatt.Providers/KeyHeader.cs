namespace Gigawatt.Providers;

/// <summary>The header that carries a provider's key. A key that is in a file is read again as it changes, so that mounted
/// secrets can be rotated while the server runs.</summary>
/// <param name="header">The header's name.</param>
/// <param name="prefix">What stands before the key in its value, such as <c>Bearer </c>; or empty.</param>
/// <param name="options">The key, or the file it is in.</param>
internal sealed class KeyHeader(string header, string prefix, HttpProviderOptions options)
{
    // The content is compared, not the file's time: a mounted secret is swapped behind a link whose own time stays.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile Reading _last = new(null, long.MinValue, string.IsNullOrEmpty(options.ApiKey) ? null : new(header, prefix + options.ApiKey));

    /// <summary>The header as it is to be sent now; null where there is no key.</summary>
    public KeyValuePair<string, string>? Current
    {
        get
        {
            Reading last = _last;
            if (options.ApiKeyFile is null) { return last.Header; }
            long now = options.Time.GetTimestamp();
            return last.At != long.MinValue && options.Time.GetElapsedTime(last.At, now) < Interval ? last.Header : Read(options.ApiKeyFile, last, now);
        }
    }

    private KeyValuePair<string, string>? Read(string file, Reading last, long now)
    {
        string? text;
        try { text = File.ReadAllText(file).Trim(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Between the old secret and the new one there may be a moment without a file; the old key is good until told otherwise.
            text = last.Text;
        }

        if (string.IsNullOrEmpty(text)) { text = last.Text; }
        Reading next = text == last.Text ? last with { At = now } : new(text, now, new(header, prefix + text));
        _last = next;
        return next.Header;
    }

    private sealed record Reading(string? Text, long At, KeyValuePair<string, string>? Header);
}
