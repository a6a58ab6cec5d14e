namespace Lamina.Runs.Report;

/// <summary>The style of reports: light or dark like the reader's system, and black on white on paper.</summary>
internal static class ReportStyle
{
    // Without '<', '>' and '&', which XML would escape and HTML would not unescape.
    public const string Css = """

        :root { color-scheme: light dark; --ink: #1d2129; --quiet: #5d6570; --page: #ffffff; --card: #f5f6f8; --rule: #dadde2; --wrong: #b3261e; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6e8eb; --quiet: #9aa3ae; --page: #15181c; --card: #1f2329; --rule: #353b44; --wrong: #ff8a80; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1.25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 0.75rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--rule); }
        .headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem; margin: 0; }
        .headlines div { background: var(--card); border-radius: 8px; padding: 0.7rem 0.9rem; }
        .headlines dt { color: var(--quiet); font-size: 0.85rem; }
        .headlines dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
        table { border-collapse: collapse; }
        th, td { padding: 0.25rem 0.75rem; vertical-align: top; border-bottom: 1px solid var(--rule); }
        th { font-weight: 500; text-align: left; }
        .facts { width: 100%; table-layout: fixed; }
        .facts th { width: 12rem; padding-left: 0; color: var(--quiet); }
        .facts td { overflow-wrap: anywhere; white-space: pre-wrap; }
        .scroll { overflow-x: auto; }
        .numbers { font-variant-numeric: tabular-nums; white-space: nowrap; }
        .numbers td, .numbers th + th { text-align: right; }
        .numbers thead th { color: var(--quiet); font-size: 0.85rem; }
        .numbers tbody th { max-width: 22rem; overflow: hidden; text-overflow: ellipsis; padding-left: 0; }
        .numbers thead th:first-child { padding-left: 0; }
        figure { margin: 0; }
        figure img { display: block; max-width: 100%; width: auto; height: auto; background: #ffffff; border-radius: 6px; }
        figcaption, .note { color: var(--quiet); font-size: 0.9rem; margin: 0.5rem 0; }
        .mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; }
        .mistakes img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: var(--card); }
        .mistakes figcaption { margin: 0.35rem 0 0; line-height: 1.35; overflow-wrap: anywhere; }
        .mistakes b { display: block; color: var(--ink); font-weight: 600; }
        .mistakes span { color: var(--wrong); }
        .whole { font-style: normal; white-space: nowrap; }
        .pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; }
        .pairs div { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.25rem; }
        .pairs img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: var(--card); }
        .pairs figcaption { margin: 0.35rem 0 0; line-height: 1.35; overflow-wrap: anywhere; }
        .pairs b { display: block; color: var(--ink); font-weight: 600; }
        .warning { border-left: 4px solid var(--wrong); background: var(--card); padding: 0.6rem 0.9rem; margin: 1rem 0 0; }
        pre { margin: 0; font: 0.8rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
        @media (max-width: 40rem) {
          .headlines { grid-template-columns: 1fr 1fr; }
          .facts th { width: 8rem; }
        }
        @media print {
          :root { color-scheme: light; --ink: #000000; --quiet: #444444; --page: #ffffff; --card: #f2f2f2; --rule: #bbbbbb; --wrong: #8c1d18; }
          body { font-size: 10pt; }
          main { max-width: none; padding: 0; }
          h2 { break-after: avoid; }
          figure, tr, .headlines div { break-inside: avoid; }
          figure img { max-height: 21cm; }
          .scroll { overflow: visible; }
          pre { font-size: 7pt; }
        }

        """;
}
