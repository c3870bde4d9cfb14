using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>What a provider of models is.</summary>
public enum ProviderKind
{
    /// <summary>The Anthropic Messages API.</summary>
    Anthropic,

    /// <summary>The OpenAI API, which many servers speak.</summary>
    OpenAI,

    /// <summary>Microsoft Foundry: Claude, and models in OpenAI's format.</summary>
    Foundry,

    /// <summary>Azure OpenAI: deployments of OpenAI's models.</summary>
    AzureOpenAI,

    /// <summary>Amazon Bedrock: Claude.</summary>
    Bedrock,

    /// <summary>Google Vertex AI: Claude.</summary>
    Vertex,

    /// <summary>Nobody: answers are made up here and say so.</summary>
    Simulated,
}

/// <summary>A provider of models as configured. What is null has the default of its kind.</summary>
/// <param name="Name">Unique among the providers.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Url">Where it is; null is the public address of its kind.</param>
/// <param name="Key">What it is called with; null calls it without a key, a cloud with the credentials of this machine.</param>
/// <param name="Models">Models it is asked for: names, or the start of names followed by <c>*</c>.</param>
public sealed record ProviderConfig(string Name, ProviderKind Kind, Uri? Url, Secret? Key, IReadOnlyList<string> Models)
{
    /// <summary>The file that <see cref="Key"/> was read from, so that a new key in it can be used; for Vertex the file of the
    /// service account, which is not read here.</summary>
    public string? KeyFile { get; init; }

    /// <summary>What it is called with besides a key, and whose certificates are taken from it; null trusts those that the system trusts.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Where the provider runs: the region that Bedrock is called in, and for all a label that conditions of routes may name.</summary>
    public string? Region { get; init; }

    /// <summary>The Google Cloud project that Vertex is called for.</summary>
    public string? Project { get; init; }

    /// <summary>The location that Vertex is called at, such as <c>us-east5</c> or <c>global</c>.</summary>
    public string? Location { get; init; }

    /// <summary>The profile of the AWS configuration files that Bedrock is called with; null is AWS's own order of credentials.</summary>
    public string? Profile { get; init; }

    /// <summary>The version in Azure OpenAI's addresses: <c>v1</c>, or a date such as <c>2024-10-21</c>.</summary>
    public string ApiVersion { get; init; } = "v1";

    /// <summary>The scope that Entra ID is asked for; other clouds of Microsoft have other ones.</summary>
    public string? TokenScope { get; init; }

    /// <summary>The formats it is used for; null is all that its kind answers in.</summary>
    public IReadOnlyList<Dialect>? Formats { get; init; }

    /// <summary>Whether it can be asked for the usage of a stream in OpenAI's format.</summary>
    public bool ExactUsage { get; init; } = true;

    /// <summary>Whether it may be at an address that is not of the internet.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Longest wait for a connection.</summary>
    public Duration? ConnectTimeout { get; init; }

    /// <summary>Longest wait for the head of an answer.</summary>
    public Duration? HeadTimeout { get; init; }

    /// <summary>Longest silence within an answer.</summary>
    public Duration? IdleTimeout { get; init; }
}
