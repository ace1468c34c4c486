import { expect, test } from 'vitest'
import { htmlPage } from '../../src/page/html-page.ts'

test('data cannot end its element, and a headline is no markup', () => {
  const data = { output: '</script><script>alert(1)</script><!--' }
  const html = htmlPage({
    title: '<b>',
    headline: `"a" & 'b' <c>`,
    data,
    script: 'run()',
    style: '',
    scriptHash: 'aGFzaA==',
  })
  expect(html.match(/<script/g)).toHaveLength(2)
  expect(html).toContain('<title>&lt;b&gt;</title>')
  expect(html).toContain('<h1>&quot;a&quot; &amp; &#39;b&#39; &lt;c&gt;</h1>')
  const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? []
  expect(JSON.parse(json)).toEqual(data)
})

test('the policy lets one script run, and nothing be loaded from the network', () => {
  const html = htmlPage({ title: '', headline: '', data: null, script: 'run()', style: '', scriptHash: 'aGFzaA==' })
  const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(html) ?? []
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'sha256-aGFzaA=='")
  expect(policy).not.toMatch(/https?:|\*/)
})
