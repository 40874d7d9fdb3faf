import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useSession } from '../../live/session.ts'
import { frame } from '../../strings/frame.ts'
import { show } from '../../strings/message.ts'
import { platform as words } from '../../strings/platform.ts'
import { profile } from '../../strings/profile.ts'
import { Tick } from '../../ui/field.tsx'
import { setSingleKeys, singleKeysAreOn } from '../../ui/keys.ts'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { chooseTheme, chosenTheme } from '../../ui/theme.ts'
import type { Theme } from '../../ui/theme.ts'
import { Banner } from '../../ui/waiting.tsx'

/** What a person prefers in this browser, and where help is. */
export function BrowserTab() {
  const [theme, setTheme] = useState(chosenTheme)
  const [keys, setKeys] = useState(singleKeysAreOn)
  const choose = (next: Theme) => {
    chooseTheme(next)
    setTheme(next)
  }
  return (
    <>
      <OpenRemark />
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
      <Help />
    </>
  )
}

/** Where everybody may do everything, and how that ends. */
export function OpenRemark() {
  if (useSession().state !== 'open') return null
  return (
    <Banner is="off">
      {profile.open} {show(profile.openHow, { command: <code>{profile.openCommand}</code> })}
    </Banner>
  )
}

function Help() {
  const metrics = useMay('installation.metrics')
  return (
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
        {metrics.isAllowed && (
          <li>
            <a href="/metrics" className="link">
              {words.metrics}
            </a>
          </li>
        )}
        <li>
          {words.commandLine}: <code>stead --help</code>
        </li>
      </ul>
    </Panel>
  )
}
