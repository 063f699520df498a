// Makes what the page serves out of pinned packages: htmx as it is, and the map of the world.
//
//   npm ci --ignore-scripts && node build.mjs      (or: make console-assets)
//
// The map is Equal Earth. Its scale and its middle are those of risk/console/live/projection.py,
// which places points on it.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { geoEqualEarth, geoPath } from 'd3-geo'
import { feature, mesh } from 'topojson-client'

const WIDTH = 960
const HEIGHT = 468
const SCALE = 177
const require = createRequire(import.meta.url)
const { numericToAlpha2 } = require('i18n-iso-countries')
const target = (name) => new URL(`../static/${name}`, import.meta.url)
const packaged = (name) => new URL(`node_modules/${name}`, import.meta.url)

const text = (value) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const world = JSON.parse(readFileSync(packaged('world-atlas/countries-110m.json'), 'utf8'))
const projection = geoEqualEarth().scale(SCALE).translate([WIDTH / 2, HEIGHT / 2])
const path = geoPath(projection).digits(1)
const land = feature(world, world.objects.countries).features
  .filter((one) => one.properties.name !== 'Antarctica')
  .map((one) => {
    const code = numericToAlpha2(one.id)
    const id = code ? ` id="country-${code}"` : ''
    return `<path${id} d="${path(one)}"><title>${text(one.properties.name)}</title></path>`
  })
const borders = path(mesh(world, world.objects.countries, (a, b) => a !== b))
writeFileSync(
  target('world.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" class="world" aria-hidden="true" focusable="false">\n` +
    `<g class="land">\n${land.join('\n')}\n</g>\n<path class="borders" d="${borders}"/>\n</svg>\n`,
)
copyFileSync(packaged('htmx.org/dist/htmx.min.js'), target('htmx.min.js'))
for (const [name, licence] of [['htmx', 'htmx.org/LICENSE'], ['world-atlas', 'world-atlas/LICENSE']]) {
  copyFileSync(packaged(licence), target(`${name}.LICENSE.txt`))
}
for (const place of [[0, 0], [13.4, 52.5], [-122.4, 37.8], [151.2, -33.9], [179, 70]]) {
  const [x, y] = projection(place)
  console.log(`(${place[1]}, ${place[0]}): (${x.toFixed(1)}, ${y.toFixed(1)})`)
}
