using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Gigawatt.Tests")]
