using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

/// <summary>The model lists byte for byte.</summary>
public sealed class ModelsWireTests
{
    private static readonly ModelEntry First = new("sim-one", "One (simulated)", null, "gigawatt");
    private static readonly ModelEntry Second = new("claude-x", "Claude X", new DateTimeOffset(2026, 1, 2, 4, 5, 6, TimeSpan.FromHours(1)), "anthropic") { MaxInputTokens = 200_000, MaxOutputTokens = 8_192 };

    [Fact]
    public void The_anthropic_list_is_one_page() => Assert.Equal(
        """{"data":[{"type":"model","id":"sim-one","display_name":"One (simulated)","created_at":"1970-01-01T00:00:00Z","max_input_tokens":null,"max_tokens":null},{"type":"model","id":"claude-x","display_name":"Claude X","created_at":"2026-01-02T03:05:06Z","max_input_tokens":200000,"max_tokens":8192}],"has_more":false,"first_id":"sim-one","last_id":"claude-x"}""",
        Encoding.UTF8.GetString(ModelsWire.List(Dialect.Anthropic, [First, Second])));

    [Fact]
    public void An_empty_anthropic_list_has_no_first_and_no_last() => Assert.Equal(
        """{"data":[],"has_more":false,"first_id":null,"last_id":null}""", Encoding.UTF8.GetString(ModelsWire.List(Dialect.Anthropic, [])));

    [Fact]
    public void The_openai_list_is_a_list() => Assert.Equal(
        """{"object":"list","data":[{"id":"sim-one","object":"model","created":0,"owned_by":"gigawatt"},{"id":"claude-x","object":"model","created":1767323106,"owned_by":"anthropic"}]}""",
        Encoding.UTF8.GetString(ModelsWire.List(Dialect.OpenAI, [First, Second])));

    [Theory]
    [InlineData(Dialect.Anthropic, """{"type":"model","id":"claude-x","display_name":"Claude X","created_at":"2026-01-02T03:05:06Z","max_input_tokens":200000,"max_tokens":8192}""")]
    [InlineData(Dialect.OpenAI, """{"id":"claude-x","object":"model","created":1767323106,"owned_by":"anthropic"}""")]
    public void One_model_is_written_as_in_the_list(Dialect dialect, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(ModelsWire.One(dialect, Second)));
}
