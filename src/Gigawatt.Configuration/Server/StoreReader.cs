using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration;

/// <summary>Reads how much of batches and responses is kept, and for how long.</summary>
internal static class StoreReader
{
    private static readonly Kind<int> Concurrency = Kinds.Whole(1, 1_000, "8");

    public static ServerConfig Read(MapReader root, ServerConfig config)
    {
        if (root.Block("batches", "batch") is { } batches)
        {
            config = config with
            {
                BatchConcurrency = batches.Read("concurrency", Concurrency, config.BatchConcurrency),
                BatchLengthMax = batches.Read("max-size", Kinds.Bytes with { Example = "16GiB" }, config.BatchLengthMax),
            };
            batches.Close();
        }

        if (root.Block("responses", "response") is { } responses)
        {
            config = config with
            {
                ResponsesKept = responses.Read("keep", Kinds.Time with { Example = "30d" }, config.ResponsesKept),
                ResponsesLengthMax = responses.Read("max-size", Kinds.Bytes with { Example = "1GiB" }, config.ResponsesLengthMax),
            };
            responses.Close();
        }

        return config;
    }
}
