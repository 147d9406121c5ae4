/** SMS and e-mail of flows, as the operator sees them. */
export const messagesEn = {
  "admin.messages": "Messages",
  "admin.messagesLead": "SMS and e-mail that flows send. What cannot be sent is tried again for a day; the gateways are set up in the platform's settings (messages.sms, messages.email).",
  "messages.none": "No flow has sent a message yet.",
  "messages.created": "Created",
  "messages.kind": "Kind",
  "messages.sms": "SMS",
  "messages.email": "E-mail",
  "messages.recipient": "To",
  "messages.state": "State",
  "messages.waiting": "Waiting",
  "messages.sent": "Sent",
  "messages.given_up": "Given up",
  "messages.tries": "Tries",
  "messages.error": "Last problem",
  "messages.again": "Try again: {recipient}",
  "messages.waitsAgain": "The message will be tried again.",
} as const;
