// The process, its log, and its place in the network.
import { z } from 'zod'
import { logLevels } from '../../core/log.ts'
import { anyText, hostName, hosts, oneOf, origins, webUrl, whole, wholeOrAuto } from '../values.ts'
import { NONE, variable } from '../variable.ts'

export const service = {
  MIGRATE: variable(
    '`auto`',
    oneOf('auto', 'check', 'off'),
    'What happens at the start when the database lacks tables or columns of this version: `auto` makes them, `check` refuses to start and names what is missing, `off` starts and answers 503 until `npm run db:migrate` has been run.',
  ),
  LOG_LEVEL: variable(
    '`info`',
    oneOf(...logLevels),
    'The least important lines of the log: `debug`, `info`, `warning` or `error`.',
  ),
  LOG_FORMAT: variable(
    '`auto`',
    oneOf('auto', 'json', 'text'),
    '`json` is one JSON object a line, `text` one short line for people. `auto` is text on a terminal (in colour, unless `NO_COLOR` is set), else JSON. Workers always write JSON.',
  ),
  SOURCE_COMMIT: variable(
    'what git has, where it was built',
    z
      .string()
      .transform((text) => (/^[0-9a-f]{7,64}$/i.test(text) ? text.toLowerCase() : undefined)),
    'The revision of the source, which `/status` shows: for an image, which is built without git. What is not the name of a commit counts as not set.',
  ),
  SHUTDOWN_SECONDS: variable(
    '`10`',
    whole(3, 3_600),
    'How long the process may take to end after SIGTERM: three tenths for requests that run (eight without backups), then a [last backup](deploy/durability.md#what-can-be-lost-and-when). Set the time after which your platform kills it a second higher.',
  ),
  WORKERS: variable(
    '`1`',
    wholeOrAuto(1, 64),
    'Processes that answer requests, on Node; `auto` is one for each core. With more than one, the first process starts the others, answers as they do, and does what may be done once only. See [more than one core](operating.md#more-than-one-core).',
  ),
  PUBLIC_URL: variable(
    '`https://$SPACE_HOST`, else not set',
    webUrl,
    'The address by which clients reach the service. Used wherever an absolute URL is needed; the Host header never is.',
  ),
  SPACE_HOST: variable(NONE, hostName, 'Set by a Hugging Face Space: its host name.'),
  SPACE_ID: variable(
    NONE,
    anyText,
    'Set by a Hugging Face Space: its name. Lets huggingface.co show the page in a frame.',
  ),
  TRUSTED_HOPS: variable(
    '`0`; `1` on a Space',
    whole(0, 10),
    'How many proxies of yours stand in front. So many entries at the end of `X-Forwarded-For` are believed. Too many, and callers can choose their own address; too few, and all callers share one.',
  ),
  CORS_ORIGINS: variable(
    '`*`',
    origins,
    "The origins whose pages may call the API, separated by commas; `*` is all. In an origin one `*` stands for what changes: `https://*.vercel.app` (any name below it), `https://app-*.vercel.app` (within one label), `http://localhost:*` (any port). Pages of a named origin may call with `credentials: 'include'`, which browsers forbid where all may.",
  ),
  WEBHOOK_ALLOW_HOSTS: variable(
    NONE,
    hosts,
    'Hosts of your own network to which [webhooks](webhooks.md) may be sent, separated by commas: `n8n`, `hooks.internal:5678`. These may have any address and speak http, and what they answer is shown to the user of the webhook. All others need https and an address of the public internet.',
  ),
  LEGACY_LIST: variable(
    '`array`',
    oneOf('array', 'tasks'),
    'How the [original contract](original-contract.md) answers a list: a bare `array`, or an object with `tasks` and `total`. A request chooses for itself with `?envelope=`.',
  ),
  LEGACY_DELETE: variable(
    '`204`',
    oneOf('204', '200'),
    'How the [original contract](original-contract.md) answers DELETE: `204` without a body, or `200` with the deleted task, for clients that parse every answer as JSON.',
  ),
} as const
