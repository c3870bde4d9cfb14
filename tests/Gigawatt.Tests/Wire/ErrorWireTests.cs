using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

/// <summary>The error bodies byte for byte: clients match their wording.</summary>
public sealed class ErrorWireTests
{
    [Theory]
    [InlineData(ApiErrorKind.InvalidRequest, 400, "invalid_request_error")]
    [InlineData(ApiErrorKind.Authentication, 401, "authentication_error")]
    [InlineData(ApiErrorKind.Billing, 402, "billing_error")]
    [InlineData(ApiErrorKind.Permission, 403, "permission_error")]
    [InlineData(ApiErrorKind.NotFound, 404, "not_found_error")]
    [InlineData(ApiErrorKind.MethodNotAllowed, 405, "invalid_request_error")]
    [InlineData(ApiErrorKind.TooLarge, 413, "request_too_large")]
    [InlineData(ApiErrorKind.UnsupportedMediaType, 415, "invalid_request_error")]
    [InlineData(ApiErrorKind.RateLimit, 429, "rate_limit_error")]
    [InlineData(ApiErrorKind.Api, 500, "api_error")]
    [InlineData(ApiErrorKind.BadGateway, 502, "api_error")]
    [InlineData(ApiErrorKind.Timeout, 504, "timeout_error")]
    [InlineData(ApiErrorKind.Overloaded, 529, "overloaded_error")]
    public void Anthropic_errors_have_the_status_and_type_of_their_kind(ApiErrorKind kind, int status, string type)
    {
        Assert.Equal(status, ErrorWire.Status(kind, Dialect.Anthropic));
        Assert.Equal(
            $$"""{"type":"error","error":{"type":"{{type}}","message":"It's \"<wrong>\"."},"request_id":"req_1"}""",
            Encoding.UTF8.GetString(ErrorWire.Body(new(kind, "It's \"<wrong>\".", "field"), Dialect.Anthropic, "req_1")));
    }

    [Fact]
    public void Over_budget_is_a_billing_error_that_is_not_to_be_tried_again()
    {
        Assert.Equal(429, ErrorWire.Status(ApiErrorKind.BudgetExceeded, Dialect.Anthropic));
        Assert.Equal(429, ErrorWire.Status(ApiErrorKind.BudgetExceeded, Dialect.OpenAI));
        Assert.False(ErrorWire.ShouldRetry(ApiErrorKind.BudgetExceeded));
        Assert.Equal(
            """{"type":"error","error":{"type":"billing_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}},"request_id":"r"}""",
            Encoding.UTF8.GetString(ErrorWire.Body(new(ApiErrorKind.BudgetExceeded, "m"), Dialect.Anthropic, "r")));
        Assert.Equal(
            """{"error":{"message":"m","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""",
            Encoding.UTF8.GetString(ErrorWire.Body(new(ApiErrorKind.BudgetExceeded, "m"), Dialect.OpenAI, "r")));
    }

    [Theory]
    [InlineData(ApiErrorKind.InvalidRequest, 400, "\"invalid_request_error\"", "null")]
    [InlineData(ApiErrorKind.Authentication, 401, "\"invalid_request_error\"", "\"invalid_api_key\"")]
    [InlineData(ApiErrorKind.Billing, 429, "\"billing_not_active\"", "\"billing_not_active\"")]
    [InlineData(ApiErrorKind.Permission, 403, "\"permission_error\"", "\"permission_denied\"")]
    [InlineData(ApiErrorKind.NotFound, 404, "\"invalid_request_error\"", "\"model_not_found\"")]
    [InlineData(ApiErrorKind.MethodNotAllowed, 405, "\"invalid_request_error\"", "\"method_not_supported\"")]
    [InlineData(ApiErrorKind.TooLarge, 413, "\"invalid_request_error\"", "\"request_too_large\"")]
    [InlineData(ApiErrorKind.UnsupportedMediaType, 415, "\"invalid_request_error\"", "\"unsupported_media_type\"")]
    [InlineData(ApiErrorKind.RateLimit, 429, "\"requests\"", "\"rate_limit_exceeded\"")]
    [InlineData(ApiErrorKind.Api, 500, "\"server_error\"", "null")]
    [InlineData(ApiErrorKind.BadGateway, 502, "\"server_error\"", "\"bad_gateway\"")]
    [InlineData(ApiErrorKind.Timeout, 504, "\"server_error\"", "\"timeout\"")]
    [InlineData(ApiErrorKind.Overloaded, 503, "\"server_error\"", "\"overloaded\"")]
    public void OpenAI_errors_have_the_status_type_and_code_of_their_kind(ApiErrorKind kind, int status, string type, string code)
    {
        Assert.Equal(status, ErrorWire.Status(kind, Dialect.OpenAI));
        Assert.Equal(
            $$$"""{"error":{"message":"m","type":{{{type}}},"param":"f","code":{{{code}}}}}""",
            Encoding.UTF8.GetString(ErrorWire.Body(new(kind, "m", "f"), Dialect.OpenAI, "r")));
    }

    [Fact]
    public void Every_kind_has_a_row()
    {
        foreach (ApiErrorKind kind in Enum.GetValues<ApiErrorKind>())
        {
            Assert.InRange(ErrorWire.Status(kind, Dialect.Anthropic), 400, 599);
            Assert.InRange(ErrorWire.Status(kind, Dialect.OpenAI), 400, 599);
        }
    }

    [Fact]
    public void Clients_decide_themselves_whether_to_try_again_unless_money_is_the_matter()
    {
        Assert.Null(ErrorWire.ShouldRetry(ApiErrorKind.RateLimit));
        Assert.Null(ErrorWire.ShouldRetry(ApiErrorKind.BadGateway));
        Assert.False(ErrorWire.ShouldRetry(ApiErrorKind.Billing));
    }

    [Theory]
    [InlineData(Dialect.Anthropic, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"a\\nb\"},\"request_id\":\"r\"}\n\n")]
    [InlineData(Dialect.OpenAI, "data: {\"error\":{\"message\":\"a\\nb\",\"type\":\"server_error\",\"param\":null,\"code\":\"bad_gateway\"},\"choices\":null}\n\n")]
    [InlineData(Dialect.Responses, "event: error\ndata: {\"type\":\"error\",\"code\":\"bad_gateway\",\"message\":\"a\\nb\",\"param\":null,\"error\":{\"message\":\"a\\nb\",\"type\":\"server_error\",\"param\":null,\"code\":\"bad_gateway\"}}\n\n")]
    public void In_a_stream_an_error_is_one_event(Dialect dialect, string expected)
    {
        byte[] written = ErrorWire.StreamEvent(new(ApiErrorKind.BadGateway, "a\nb"), dialect, "r");
        Assert.Equal(expected, Encoding.UTF8.GetString(written));
        StreamMeter meter = new(dialect);
        meter.Feed(written);
        Assert.True(meter.ErrorSeen);
        Assert.False(meter.Ended || meter.InsideEvent);
    }
}
