using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Gigawatt.Server")]
[assembly: InternalsVisibleTo("Gigawatt.Tests")]
