// The frame of the HTML page: head, style, and the controls above the rows. A policy in the page itself forbids it to load
// anything.

enum HTMLPage {
  static let start = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
    script-src 'unsafe-inline'">

    """

  static let style = """

    :root { color-scheme: light dark; --line: #8884; --pass: #1a7f37; --fail: #cf222e; --error: #9a6700; --soft: #8882; }
    @media (prefers-color-scheme: dark) { :root { --pass: #3fb950; --fail: #ff7b72; --error: #d29922; } }
    * { box-sizing: border-box; }
    body { margin: 0; font: 14px/1.45 system-ui, sans-serif; height: 100vh; display: flex; flex-direction: column; }
    header { padding: 12px 16px; border-bottom: 1px solid var(--line); max-height: 45vh; overflow: auto; }
    h1 { font-size: 18px; margin: 0 0 4px; }
    p { margin: 2px 0; }
    .verdict { font-weight: 600; }
    .figures { border-collapse: collapse; margin-top: 8px; }
    .figures th, .figures td { text-align: left; padding: 2px 14px 2px 0; font-variant-numeric: tabular-nums; }
    .figures th { font-weight: 400; opacity: .7; }
    svg .axis { stroke: var(--line); } svg .zero { stroke: currentColor; stroke-dasharray: 2 2; }
    svg .range { stroke: currentColor; stroke-width: 3; } svg circle { fill: currentColor; }
    .controls { display: flex; flex-wrap: wrap; gap: 8px; padding: 8px 16px; align-items: center; }
    .controls input { flex: 1; min-width: 160px; }
    .controls input, .controls select { font: inherit; padding: 4px 8px; }
    main { flex: 1; display: flex; min-height: 0; border-top: 1px solid var(--line); }
    #table { flex: 3; overflow: auto; min-width: 0; position: relative; }
    #head, .row { display: grid; }
    #head { position: sticky; top: 0; background: Canvas; z-index: 1; border-bottom: 1px solid var(--line); }
    #head button { font: inherit; font-weight: 600; text-align: left; border: 0; background: none; padding: 6px 8px;
      cursor: pointer; color: inherit; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
    #space { position: relative; }
    .row { position: absolute; left: 0; right: 0; height: 52px; border-bottom: 1px solid var(--soft); cursor: pointer; }
    .row:hover, .row.open { background: var(--soft); }
    .row > div { padding: 5px 8px; overflow: hidden; max-height: 46px; }
    .pass b, b.pass { color: var(--pass); } .fail b, b.fail { color: var(--fail); } .error b, b.error { color: var(--error); }
    #detail { flex: 2; overflow: auto; padding: 10px 16px; border-left: 1px solid var(--line); min-width: 300px; }
    #detail[hidden] { display: none; }
    #detail h2 { font-size: 15px; margin: 0 0 8px; } #detail h3 { font-size: 14px; margin: 14px 0 4px; }
    pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 4px 0; padding: 8px; background: var(--soft);
      font: 12.5px/1.5 ui-monospace, monospace; }
    ins { background: #3fb95044; text-decoration: none; } del { background: #ff7b7244; }
    ul { margin: 4px 0; padding-left: 20px; }

    """

  static let controls = """
    <div class="controls">
    <input id="query" type="search" placeholder="Find in tests and answers" aria-label="Find in tests and answers">
    <select id="show" aria-label="Which rows">
    <option value="all">all rows</option>
    <option value="failed">failed or error</option>
    <option value="errors">errors</option>
    <option value="different">columns disagree</option>
    </select>
    <span id="count" role="status"></span>
    </div>
    <main>
    <div id="table" tabindex="0"><div id="head"></div><div id="space"></div></div>
    <section id="detail" hidden></section>
    </main>
    <noscript><p>This page shows its rows with a script.</p></noscript>

    """
}
