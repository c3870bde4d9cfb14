using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>What is assumed of a node that does not say.</summary>
public static class NodeDefaults
{
    /// <summary>Power of one busy core: a Grace CPU of 72 cores draws at most 420 W (NVIDIA Domain Power Service device specifications), 5.8 W a core.</summary>
    public static readonly Watts PerCore = Watts.FromWatts(5.8);

    /// <summary>Price of one core for an hour: our own planning assumption, not a quote.</summary>
    public static readonly Usd CorePerHour = Usd.FromDollars(0.03);
}
