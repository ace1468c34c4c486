/** Finds texts whose contrast with the ground is below 4.5, as WCAG 2 asks. Runs in the browser. */
;(() => {
  const luminance = (color) => {
    const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
      const value = Number(part) / 255
      return value <= 0.039_28 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if (color !== 'rgba(0, 0, 0, 0)') return color
    }
    return 'rgb(255, 255, 255)'
  }
  const texts = [...document.querySelectorAll('main *, nav *')].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== ''),
  )
  return texts.flatMap((element) => {
    const style = getComputedStyle(element)
    const isDrawn = element instanceof SVGElement
    if (isDrawn && element.classList.contains('bar-name')) return []
    const [one, other] = [luminance(isDrawn ? style.fill : style.color), luminance(groundOf(element))].sort(
      (a, b) => b - a,
    )
    const contrast = ((one ?? 0) + 0.05) / ((other ?? 0) + 0.05)
    return contrast < 4.5 ? [`${element.textContent?.slice(0, 40)}: ${contrast.toFixed(1)}`] : []
  })
})()
