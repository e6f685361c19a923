{"header": {"type": "unsolicited", "name": "CardReader.CardActionEvent", "version": "1.0", "requestId": 0}, "payload": {"to": "unitRETAIN", "from": "exit"}}
{"header": {"type": "event", "name": "CardReader.CardActionEvent", "version": "2.0"}, "payload": {"to": "exit", "from": "transport"}}
{"header": {"type": "unsolicited", "name": "Common.StatusChangedEvent", "version": "1.0", "requestId": 0}, "payload": {"device": "fraudAttempt"}}
{"header": {"type": "event", "name": "Common.ErrorEvent", "version": "2.0"}, "payload": {"eventId": "hardware", "action": "maintenance", "vendorDescription": "card 6222021234567890123"}}
{"header": {"type": "event", "name": "Storage.StorageThresholdEvent", "version": "2.1"}, "payload": {"unit1": {"cash": {"status": {"replenishmentStatus": "empty"}}}}}
{"header": {"type": "event", "name": "CashDispenser.IncompleteDispenseEvent", "version": "2.0", "requestId": 77}, "payload": {"currencies": {"CNY": 500}, "values": {"unit1": 5}}}
{"header": {"type": "event", "name": "Printer.PaperThresholdEvent", "version": "2.0"}, "payload": {"paperSource": "upper", "threshold": "out"}}
{"header": {"type": "unsolicited", "name": "Auxiliaries.AuxiliaryStatusEvent", "version": "1.0", "requestId": 0}, "payload": {"safeDoor": "open", "seismicSensorState": "on"}}
{"header": {"type": "event", "name": "CardReader.MediaRemovedEvent", "version": "2.0"}}
{"header": {"type": "event", "name": "Common.StatusChangedEvent", "version": "3.0"}, "payload": {"common": {"device": "hwError"}}}
{"header": {"type": "event", "name": "CardReader.CardActionEvent", "version": "2.0"}, "payload": {"to": "unit6222021234567890123"}}
{"header": {"type": "completion", "name": "Common.Status", "version": "2.0", "requestId": 4, "completionCode": "success"}, "payload": {"common": {"device": "online"}}}
{"header": {"type": "event", "name": "CardReader.CardActionEvent"}, "payload": {"to": "unit1"}}
{"track2": "6222021234567890123=2512"}
