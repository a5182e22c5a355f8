/** Writes a fault as a service does. */
import { Fault, type FaultContext } from '../faults.js';
import type { OpenStackResponse } from '../message.js';
import type { Service } from '../service.js';

/** A fault in the words and the form of one service. */
export function faultResponse(service: Service, fault: Fault, context: FaultContext): OpenStackResponse {
  const { unauthorized = fault.message } = service;
  const shown = fault.kind === 'unauthorized' ? new Fault(fault.kind, unauthorized, fault.details) : fault;
  const [type, text] =
    service.faultBody && shown.details.page !== true
      ? ['application/json', JSON.stringify(faultBody(service.faultBody, shown, context))]
      : webobPage(shown, context.accept ?? '');
  return { status: shown.status, headers: { 'content-type': type, ...shown.details.headers }, body: Buffer.from(text) };
}

// Who has no token gets no further than keystonemiddleware, which stands in front of every service.
const faultBody = (own: NonNullable<Service['faultBody']>, fault: Fault, context: FaultContext): unknown =>
  fault.kind === 'unauthorized' ? keystoneBody(fault) : own(fault, context);

export const keystoneBody = ({ status, title, message, details }: Fault): unknown => ({
  error: { code: status, title, message, ...details.fields },
});

const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' };

/** @see webob/exc.py WSGIHTTPException.generate_response: HTML or JSON as is asked for, and text for who asks for neither */
function webobPage(fault: Fault, accept: string): [type: string, text: string] {
  const { status, title } = fault;
  const [html, json] = [qualityOf('text/html', accept), qualityOf('application/json', accept)];
  if (json > html) return ['application/json', JSON.stringify(webobJson(fault))];
  const tail = webobTail(fault);
  if (html === 0) {
    const plain = `${fault.message}${tail}`.replace(/\n/g, ' ').replace(/<br \/>/g, '\n');
    return ['text/plain; charset=UTF-8', `${status} ${title}\n\n${plain}`];
  }
  const body = `${fault.message.replace(/[&<>"']/g, (sign) => escaped[sign] ?? sign)}${tail}`;
  const head = `<html>\n <head>\n  <title>${status} ${title}</title>\n </head>\n`;
  return ['text/html; charset=UTF-8', `${head} <body>\n  <h1>${status} ${title}</h1>\n  ${body}\n </body>\n</html>`];
}

/** How much a type is wanted, from 0 to 1. @see RFC 9110 12.5.1 */
function qualityOf(type: string, accept: string): number {
  let [best, bestSpecificity] = [0, -1];
  for (const entry of accept.split(',')) {
    const [range = '', ...parameters] = entry.split(';').map((word) => word.trim().toLowerCase());
    const specificity = ['*/*', `${type.split('/')[0]}/*`, type].indexOf(range);
    if (specificity <= bestSpecificity) continue;
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    [best, bestSpecificity] = [q === undefined ? 1 : Number(q) || 0, specificity];
  }
  return best;
}

function webobJson(fault: Fault): unknown {
  const { status, title } = fault;
  return { message: `${fault.message}${webobTail(fault)}`, code: `${status} ${title}`, title };
}

/** What stands behind the explanation in webob's template. @see webob/exc.py body_template_obj of each class */
function webobTail({ kind, details }: Fault): string {
  if (kind === 'method-not-allowed') return ' <br /><br />\n';
  if (kind === 'unsupported-media') return '\n<br /><br />\n';
  return `<br /><br />\n${details.detail ?? ''}\n\n`;
}
