import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Button, IconButton } from './button.tsx'

const REASON = 'Changing runs needs the contributor role.'

test('what may not be pressed says so, with words on it or without', () => {
  const held = 'aria-disabled="true"'
  expect(renderToStaticMarkup(createElement(Button, { because: REASON }, 'Save'))).toContain(held)
  expect(renderToStaticMarkup(createElement(Button, null, 'Save'))).not.toContain('aria-disabled')
  expect(renderToStaticMarkup(createElement(IconButton, { label: 'Save', icon: '+', because: REASON }))).toContain(held)
  expect(renderToStaticMarkup(createElement(IconButton, { label: 'Save', icon: '+', busy: true }))).toContain(held)
  expect(renderToStaticMarkup(createElement(IconButton, { label: 'Save', icon: '+' }))).not.toContain('aria-disabled')
})
