// Gives a list of sentences, one for each rule that the page breaks.
(() => {
  const faults = []
  const root = document.documentElement
  const visible = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0
  const name = e => `<${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}> "${(e.innerText || e.value || '').trim().slice(0, 40)}"`

  if (root.scrollWidth > root.clientWidth) {
    const out = [...document.querySelectorAll('body *')].filter(e => visible(e) && e.getBoundingClientRect().right > root.clientWidth + 0.5)
    faults.push(`it scrolls sideways: ${root.scrollWidth} in ${root.clientWidth} pixels, for ${out.slice(0, 3).map(name).join(', ')}`)
  }
  if (!root.lang) faults.push('it names no language')
  if (!document.title.trim()) faults.push('it has no title')
  const headings = [...document.querySelectorAll('h1')].filter(visible)
  if (headings.length !== 1) faults.push(`it has ${headings.length} headings of the first level`)
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push(`the id ${id} is there more than once`)

  for (const e of document.querySelectorAll('input:not([type=hidden]):not([aria-hidden=true]), select, textarea')) {
    if (visible(e) && !e.labels.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) faults.push(`${name(e)} has no label`)
    for (const id of (e.getAttribute('aria-describedby') || '').split(/\s+/).filter(Boolean)) {
      if (!document.getElementById(id)) faults.push(`${name(e)} is described by ${id}, which is not there`)
    }
  }

  // A link within a sentence may be as low as its line (WCAG 2.5.8, inline).
  const inline = e => e.tagName === 'A' && getComputedStyle(e).display === 'inline'
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]):not([aria-hidden=true]), select, summary')) {
    const r = e.getBoundingClientRect()
    if (visible(e) && !inline(e) && (r.width < 24 || r.height < 24)) faults.push(`the target ${name(e)} is ${r.width.toFixed()} by ${r.height.toFixed()} pixels`)
  }

  for (const e of document.querySelectorAll('button, a.button')) {
    const r = e.getBoundingClientRect()
    const touches = p => { const gap = r.top - p.getBoundingClientRect().bottom; return visible(p) && gap > -2 && gap < 4 }
    for (const p of document.querySelectorAll('p')) if (visible(e) && touches(p)) faults.push(`${name(e)} touches ${name(p)}`)
  }

  const colour = text => {
    const c = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    c.fillStyle = text
    c.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = c.getImageData(0, 0, 1, 1).data
    return { r, g, b, a: a / 255 }
  }
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1,
  })
  const ground = e => {
    const under = e.parentElement ? () => ground(e.parentElement) : () => colour('Canvas')
    const own = colour(getComputedStyle(e).backgroundColor)
    return own.a === 1 ? own : over(own, under())
  }
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const contrast = (e, style) => {
    const below = ground(e)
    const top = over(colour(style.color), below)
    const [light, dark] = [luminance(top), luminance(below)].sort((a, b) => b - a)
    return (light + 0.05) / (dark + 0.05)
  }
  const says = e => e.matches('input:not([type=hidden]):not([type=checkbox]), select') || [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim())
  for (const e of document.querySelectorAll('body *')) {
    if (!says(e) || !visible(e) || e.closest(':disabled, noscript')) continue
    const ratio = contrast(e, getComputedStyle(e))
    if (ratio < 4.5) faults.push(`the contrast of ${name(e)} is ${ratio.toFixed(2)}`)
  }
  return faults
})()
