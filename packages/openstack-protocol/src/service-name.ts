/** The services by name. A file of its own: messages name a service, and a service's row speaks of messages. */
export type ServiceName = 'identity' | 'compute' | 'volume' | 'network' | 'image' | 'placement';
