import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../../frame/page.tsx'
import { frame } from '../../strings/frame.ts'
import { platform as words } from '../../strings/platform.ts'
import { Tick } from '../../ui/field.tsx'
import { setSingleKeys, singleKeysAreOn } from '../../ui/keys.ts'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { chooseTheme, chosenTheme } from '../../ui/theme.ts'
import type { Theme } from '../../ui/theme.ts'

/** What a person prefers in this browser, and where help is. */
export function SettingsPage() {
  const [theme, setTheme] = useState(chosenTheme)
  const [keys, setKeys] = useState(singleKeysAreOn)
  const choose = (next: Theme) => {
    chooseTheme(next)
    setTheme(next)
  }
  return (
    <Page title={words.settings}>
      <Panel title={words.look} padded>
        <Segmented
          label={words.theme}
          value={theme}
          options={[
            { value: 'system', label: frame.themeSystem },
            { value: 'light', label: frame.themeLight },
            { value: 'dark', label: frame.themeDark },
          ]}
          onChange={choose}
        />
      </Panel>
      <Panel title={words.keys} padded>
        <Tick
          checked={keys}
          onChange={(on) => {
            setSingleKeys(on)
            setKeys(on)
          }}
        >
          {words.singleKeys}
        </Tick>
        <p className="faint">{words.singleKeysSays}</p>
      </Panel>
      <Panel title={words.help} padded>
        <ul className="stack">
          <li>
            <Link to="/welcome" className="link">
              {words.firstSteps}
            </Link>
          </li>
          <li>
            <a href="/api/v1/openapi.json" className="link">
              {words.api}
            </a>
          </li>
          <li>
            <a href="/metrics" className="link">
              {words.metrics}
            </a>
          </li>
          <li>
            {words.commandLine}: <code>stead --help</code>
          </li>
        </ul>
      </Panel>
    </Page>
  )
}
