using System.Buffers;
using System.Text.Json;
using Gigawatt.Metering;

namespace Gigawatt.Server.Requests;

/// <summary>The member <c>gigawatt</c> of an answer's <c>usage</c>: what the call cost, for clients that ask for it.</summary>
internal static class UsageMember
{
    /// <summary>The request header that asks for it, whatever its value.</summary>
    public const string Header = "x-gigawatt-usage";

    /// <summary>As it stands in the answer: <c>"gigawatt":{…}</c>.</summary>
    public static byte[] Write(ModelCall call, in RequestImpact impact, bool estimated)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        bytes.Write("\"gigawatt\":"u8);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("request_id"u8, call.Id);
            json.WriteString("endpoint"u8, call.Endpoint.Provider.Name);
            json.WriteString("model"u8, call.Target.ModelFor(call.Facts.Model));
            Number(json, "usd"u8, impact.Cost.Micros, 6);
            Number(json, "joules"u8, impact.Energy.Millijoules, 3);
            json.WriteString("energy_method"u8, "modelled"u8);
            Number(json, "gco2e"u8, impact.Carbon.Micrograms, 6);
            Number(json, "litres"u8, impact.Water.Microlitres, 6);
            json.WriteBoolean("estimated"u8, estimated);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long value, int decimals)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(FixedPoint.Text(value, decimals), skipInputValidation: true);
    }
}
