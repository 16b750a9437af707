"""Codes of reasons and input problems, and how they are said. Legal terms stand in the law files, not here."""
from __future__ import annotations

#: Code -> Vietnamese, English.
REASONS: dict[str, tuple[str, str]] = {
    "no_person": ("Tài khoản này không gắn với người có thẩm quyền.", "This account belongs to nobody with a right."),
    "not_holder": ("Người ký không giữ chức trách được thực hiện bước này vào ngày đó.",
                   "The signatory did not hold an office for this step on that day."),
    "not_recorder": ("Người nhập không có quyền ghi thay cho người ký.",
                     "The person recording may not record for this signatory."),
    "own_case": ("Không ai được xử lý hồ sơ của chính mình.", "Nobody acts on his own case."),
    "relative": ("Có quan hệ đã khai báo với người trong hồ sơ.", "A declared tie with the subject of the case."),
    "related": ("Người được phân công giúp đỡ hoặc tham gia củng cố trong hồ sơ này không tự mình thẩm định, ký duyệt hồ sơ này.",
                "Who is assigned to help, or works on the plan of this case, does not personally appraise or sign it."),
    "apart": ("Người này đã tự mình thực hiện một bước phải tách riêng với bước này.",
              "The same person has personally taken a step that must be kept apart from this one."),
    "not_own_entry": ("Việc này do người khác ghi.", "Somebody else recorded this."),
    "reads_own": ("Người đọc soát phải là người khác.", "The second reader must be somebody else."),
    "missing": ("Chưa nhập.", "Missing."),
    "wrong_type": ("Giá trị không đúng kiểu.", "A value of the wrong kind."),
    "unknown_fact": ("Bước này không ghi thông tin đó.", "This step does not record that."),
    "future": ("Ngày thực hiện ở tương lai.", "The day of the act lies in the future."),
    "before_last_act": ("Ngày thực hiện trước việc gần nhất của hồ sơ.", "The day of the act is before the last act of the case."),
    "not_offered": ("Không thể chọn trạng thái này.", "This state cannot be chosen."),
    "choose": ("Cần chọn trạng thái chuyển đến.", "Choose where the case goes."),
    "second_reader": ("Người nhập cũng là người ký: cần một người thứ hai đọc soát.",
                      "Recorder and signatory are one person: a second reader is needed."),
    "no_conflict": ("Cần xác nhận không có quan hệ ảnh hưởng đến tính khách quan.", "Confirm that there is no conflict of interest."),
    "paper_unknown": ("Loại văn bản này không thuộc bước này.", "This kind of paper does not belong to this step."),
    "is_subject": ("Không thể là chính người trong hồ sơ.", "That cannot be the subject of the case."),
    "no_unit": ("Không có tổ chức này vào ngày đó.", "There is no such unit on that day."),
    "same_unit": ("Hồ sơ đang ở chính tổ chức này.", "The case is with this unit already."),
    "other_sort": ("Cần chọn chi bộ.", "Choose a cell."),
    "after_act": ("Ngày này sau ngày thực hiện.", "This day lies after the act."),
    "paper_key": ("Văn bản có mục lạ; chỉ nhận kind, number, date, issuer, signed_by, extract, kept_at, secrecy.",
                  "The paper has a part that is not kept; there are kind, number, date, issuer, signed_by, extract, kept_at, secrecy."),
    "paper_future": ("Ngày của văn bản sau ngày thực hiện.", "The paper is dated after the act."),
    "paper_personal": ("Giấy tờ cá nhân chỉ ghi số, ngày và nơi lưu; không chép nội dung.",
                       "Of a personal paper only number, day and keeper are kept, not what it says."),
    "other_meeting": ("Cuộc họp thuộc tổ chức khác hoặc ngày khác.", "The meeting is of another unit or another day."),
    "no_ballot": ("Cần kết quả biểu quyết.", "The count of the vote is missing."),
    "not_a_ballot": ("Bước này không có biểu quyết.", "This step has no vote."),
    "negative": ("Số phiếu không thể âm.", "A count cannot be negative."),
    "away_more_than_entitled": ("Số chuyển sinh hoạt tạm thời nhiều hơn số người có quyền biểu quyết.", "More away than entitled."),
    "exempt_more_than_entitled": ("Số miễn sinh hoạt vắng mặt nhiều hơn số người có quyền biểu quyết.", "More exempt than entitled."),
    "present_more_than_remaining": ("Số có mặt nhiều hơn số người có thể có mặt.", "More present than can be."),
    "votes_more_than_present": ("Tổng số phiếu nhiều hơn số người có mặt.", "More votes than people present."),
    "nobody_to_vote": ("Không có ai có quyền biểu quyết.", "Nobody was there to vote."),
}


def say(code: str, language: str = "vi") -> str:
    """The sentence of a code; a code without one is shown as it is."""
    vi, en = REASONS.get(code, (code, code))
    return en if language == "en" else vi
