using System.Globalization;
using Gigawatt.Models;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>One page of a list whose entries have ids, as Anthropic's API cuts it: <c>limit</c>, <c>after_id</c>, <c>before_id</c>.</summary>
internal static class ListPage
{
    /// <summary>Entries of a page where nothing is said.</summary>
    public const int DefaultLimit = 20;

    /// <summary>Most entries of a page.</summary>
    public const int LimitMax = 1_000;

    /// <summary>Where the page begins in the list, how long it is, and whether the list goes on in its direction.</summary>
    /// <param name="count">Length of the list.</param>
    /// <param name="query">The request's query.</param>
    /// <param name="indexOf">The place of an id in the list, or -1.</param>
    public static (int Start, int Length, bool HasMore, ApiError? Error) Of(int count, IQueryCollection query, Func<string, int> indexOf)
    {
        string? after = query["after_id"], before = query["before_id"];
        int limit = DefaultLimit;
        if (query.TryGetValue("limit", out Microsoft.Extensions.Primitives.StringValues text)
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= LimitMax))
        {
            return Wrong("limit", $"a whole number from 1 to {LimitMax}");
        }

        if (after is not null && before is not null) { return Wrong("before_id", "to be absent where after_id is given"); }
        if ((after ?? before) is not { } id) { return (0, Math.Min(limit, count), count > limit, null); }
        int at = indexOf(id);
        if (at < 0) { return Wrong(after is null ? "before_id" : "after_id", "an id of the list"); }
        if (after is not null) { return (at + 1, Math.Min(limit, count - at - 1), count - at - 1 > limit, null); }
        int start = Math.Max(0, at - limit);
        return (start, at - start, start > 0, null);
    }

    private static (int, int, bool, ApiError) Wrong(string field, string expected) =>
        (0, 0, false, new(ApiErrorKind.InvalidRequest, $"{field}: expected {expected}.", field));
}

/// <summary>A page of models.</summary>
/// <param name="Models">Its models.</param>
/// <param name="HasMore">Whether there are more.</param>
internal sealed record ModelPage(IReadOnlyList<ModelEntry> Models, bool HasMore)
{
    /// <summary>The page that the query asks for. OpenAI's API has no pages: all models are on one.</summary>
    public static bool TryTake(IReadOnlyList<ModelEntry> all, Dialect dialect, IQueryCollection query, out ModelPage page, out ApiError? error)
    {
        page = new(all, false);
        error = null;
        if (!dialect.IsAnthropic()) { return true; }
        (int start, int length, bool more, error) = ListPage.Of(all.Count, query, id => IndexOf(all, id));
        page = new([.. all.Skip(start).Take(length)], more);
        return error is null;
    }

    private static int IndexOf(IReadOnlyList<ModelEntry> all, string id)
    {
        for (int i = 0; i < all.Count; i++)
        {
            if (all[i].Id == id) { return i; }
        }

        return -1;
    }
}
