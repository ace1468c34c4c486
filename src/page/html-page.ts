import { dataId } from './data-id.ts'
import type { PageAssets } from './page-scripts.ts'

export interface HtmlPage extends PageAssets {
  readonly title: string
  /** Text of the page before the script runs, and in a browser without scripts. */
  readonly headline: string
  /** Read by the script of the page. Must survive JSON. */
  readonly data: unknown
}

/**
 * Returns a page without further files. The policy of the page lets the browser run only the given script, and load
 * only pictures beside the page.
 */
export function htmlPage({ title, headline, data, script, style, scriptHash }: HtmlPage): string {
  const policy = `default-src 'none'; script-src 'sha256-${scriptHash}'; style-src 'unsafe-inline'; img-src 'self' file: data:`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main id="page"><h1>${escapeHtml(headline)}</h1>
<noscript><p>The details of this page need JavaScript.</p></noscript>
</main>
<script type="application/json" id="${dataId}">${escapeJson(data)}</script>
<script>${script}</script>
</body>
</html>
`
}

/** Escapes a text for an element or a quoted attribute. */
function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** Returns JSON for a script element: texts with `</script` do not end the element. */
function escapeJson(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', String.raw`\u003c`)
}
