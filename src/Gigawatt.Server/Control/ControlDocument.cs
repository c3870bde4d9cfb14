using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Gigawatt.Server.Control;

/// <summary>The OpenAPI document of the control API, at <c>/openapi/v1.json</c>.</summary>
internal static class ControlDocument
{
    /// <summary>Names the document and says how to authenticate.</summary>
    public static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo
        {
            Title = "Gigawatt control API",
            Version = Hosting.Product.Version,
            Description = "Jobs, fleet, usage, keys and agents. Model calls are not described here: they follow the Anthropic Messages and OpenAI APIs.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key, or the operator's token from server.json in the data folder. Agents use their join token, then their own secret.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
        return Task.CompletedTask;
    });
}
