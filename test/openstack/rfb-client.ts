/** A viewer of a console: RFB 3.8 (RFC 6143) over a WebSocket of binary frames, as noVNC speaks it. */
import { WebSocket } from 'undici';

export class RfbClient {
  private received = Buffer.alloc(0);
  private arrived: () => void = () => undefined;
  private ended = '';

  private constructor(private readonly socket: WebSocket) {
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', (event) => {
      this.received = Buffer.concat([this.received, Buffer.from(event.data as ArrayBuffer)]);
      this.arrived();
    });
    const end = (why: string) => (): void => {
      this.ended = why;
      this.arrived();
    };
    socket.addEventListener('error', end('the WebSocket was refused'));
    socket.addEventListener('close', end('the WebSocket was closed'));
  }

  /** @throws Error when the socket is refused, or closed before the screen's name came */
  static async open(url: string, origin?: string): Promise<{ client: RfbClient; screen: string }> {
    const headers = origin === undefined ? {} : { headers: { origin } };
    const client = new RfbClient(new WebSocket(url, { protocols: ['binary'], ...headers }));
    const version = await client.read(12);
    if (version.toString() !== 'RFB 003.008\n') throw new Error(`no RFB server: ${version.toString('latin1')}`);
    client.socket.send(version);
    const [count = 0] = await client.read(1);
    const kinds = await client.read(count);
    if (!kinds.includes(1)) throw new Error(`a password is wanted: ${kinds.toString('hex')}`);
    client.socket.send(Buffer.from([1]));
    if ((await client.read(4)).readUInt32BE() !== 0) throw new Error('not let in');
    client.socket.send(Buffer.from([1]));
    const init = await client.read(24);
    const screen = (await client.read(init.readUInt32BE(20))).toString();
    return { client, screen };
  }

  press(key: number): void {
    const event = Buffer.alloc(8);
    event.writeUInt8(4, 0);
    event.writeUInt8(1, 1);
    event.writeUInt32BE(key, 4);
    this.socket.send(event);
  }

  /** The whole screen in pixels of 32 bits. */
  async screen(incremental = false): Promise<{ width: number; height: number; pixels: Buffer }> {
    this.socket.send(Buffer.from([3, incremental ? 1 : 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]));
    const head = await this.read(16);
    const [width, height] = [head.readUInt16BE(8), head.readUInt16BE(10)];
    return { width, height, pixels: await this.read(width * height * 4) };
  }

  close(): void {
    this.socket.close();
  }

  private async read(bytes: number): Promise<Buffer> {
    const late = setTimeout(() => {
      this.ended ||= `no ${bytes} bytes within 15 s`;
      this.arrived();
    }, 15_000);
    try {
      while (this.received.length < bytes) {
        if (this.ended) throw new Error(this.ended);
        await new Promise<void>((resolve) => (this.arrived = resolve));
      }
    } finally {
      clearTimeout(late);
    }
    const head = this.received.subarray(0, bytes);
    this.received = this.received.subarray(bytes);
    return head;
  }
}
